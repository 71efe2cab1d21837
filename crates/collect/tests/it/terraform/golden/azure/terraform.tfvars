workload = "claims"
public   = true
