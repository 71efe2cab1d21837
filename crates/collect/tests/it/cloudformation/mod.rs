mod any_text;
mod golden;
mod limits;
mod scenarios;
