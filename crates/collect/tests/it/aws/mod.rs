mod answers;
mod config;
mod recorded;
