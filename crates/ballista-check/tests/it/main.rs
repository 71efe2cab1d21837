//! Plans of KQL run in Ballista: scheduler and executor in this process, everything between them
//! through bytes, as on two machines.
