variable "max_delivery_age_hours" {
  type        = number
  description = "How many hours ago CloudTrail may have last delivered to CloudWatch Logs. CIS asks for about one day."
  default     = 24
}

variable "min_retention_days" {
  type        = number
  description = "For how many days a log group must keep its events, at least. CIS advises a year."
  default     = 365
}
