# Frameworks, by mappings that others have published and nobody here made up. docs/index.md names them.
locals {
  # What Turbot's AWS Compliance mod maps its control cloudtrail_trail_integrated_with_logs to, and Prowler, for ISO 27001,
  # its check cloudtrail_cloudwatch_logging_enabled.
  integrated_tags = {
    pci_dss_v321                                   = "true"
    pci_dss_v321_item_id                           = "3.2.3, 3.4.d, 10.1, 10.2.1, 10.2.2, 10.2.3, 10.2.4, 10.2.6, 10.2.7, 10.3, 10.3.1, 10.3.2, 10.3.3, 10.3.4, 10.3.5, 10.3.6, 10.5, 10.5.3, 10.5.4"
    pci_dss_v40                                    = "true"
    pci_dss_v40_item_id                            = "7.3.3, 10.4.1.1, 11.3.1.3, 11.5.2, 11.6.1, 12.10.5, A3.3.1, A3.5.1"
    nist_800_53_rev_5                              = "true"
    nist_800_53_rev_5_item_id                      = "AC-2(4), AC-3(1), AC-3(10), AC-4(26), AC-6(9), AU-2(b), AU-3(a), AU-3(b), AU-3(c), AU-3(d), AU-3(e), AU-3(f), AU-4(1), AU-6(1), AU-6(3), AU-6(4), AU-6(5), AU-6(6), AU-6(9), AU-7(1), AU-8(b), AU-9(7), AU-10, AU-12(1), AU-12(2), AU-12(3), AU-12(4), AU-12(a), AU-12(c), AU-14(3), AU-14(a), AU-14(b), AU-16, CA-7(b), CM-5(1)(b), CM-6(a), CM-9(b), IA-3(3)(b), MA-4(1)(a), PM-14(a)(1), PM-14(b), PM-31, SC-7(9)(b), SI-1(1)(c), SI-3(8)(b), SI-4(2), SI-4(17), SI-4(20), SI-7(8), SI-10(1)(c)"
    nist_csf                                       = "true"
    nist_csf_item_id                               = "DE.AE-1, DE.AE-3, DE.CM-2, DE.CM-5, DE.DP-4, ID.RA-1, ID.RA-5, ID.SC-4, PR.PT-1"
    nist_csf_v2                                    = "true"
    nist_csf_v2_item_id                            = "DE.AE-02, DE.AE-03, DE.AE-04, DE.AE-06, DE.AE-07, DE.AE-08, DE.CM-01, DE.CM-03, ID.RA-05, RC.CO-03, RC.RP-06, RS.AN-03, RS.AN-06, RS.AN-07, RS.AN-08, RS.CO-02, RS.CO-03, RS.MI-01, RS.MI-02"
    soc_2                                          = "true"
    soc_2_item_id                                  = "A1.2, CC7.2, CC7.3"
    iso_27001_2022                                 = "true"
    iso_27001_2022_item_id                         = "A.8.15, A.8.16"
    hipaa_security_rule_2003                       = "true"
    hipaa_security_rule_2003_item_id               = "164.308(a)(1)(ii)(D), 164.308(a)(5)(ii)(C), 164.308(a)(6)(ii), 164.312(b), 164.312(e)(2)(i)"
    hipaa_final_omnibus_security_rule_2013         = "true"
    hipaa_final_omnibus_security_rule_2013_item_id = "164.308(a)(1)(ii)(D), 164.308(a)(3)(ii)(A), 164.308(a)(5)(ii)(C), 164.308(a)(6)(ii), 164.312(b), 164.312(e)(2)(i)"
    cis_controls_v8_ig1                            = "true"
    cis_controls_v8_ig1_item_id                    = "4.6, 8.2"
  }

  # The same of cloudwatch_log_group_retention_period_365 and cloudwatch_log_group_retention_policy_specific_days_enabled.
  # Theirs are of every log group, ours is of those that trails deliver to.
  retention_tags = {
    pci_dss_v321                                   = "true"
    pci_dss_v321_item_id                           = "10.1, 10.7, 10.7.b, 10.7.c"
    pci_dss_v40                                    = "true"
    pci_dss_v40_item_id                            = "3.2.1, 3.3.1.1, 3.3.1.3, 3.3.2, 3.3.3, 10.5.1"
    nist_800_53_rev_5                              = "true"
    nist_800_53_rev_5_item_id                      = "AC-16(b), AU-6(3), AU-6(4), AU-6(6), AU-6(9), AU-10, AU-11, AU-11(1), AU-12(1), AU-12(2), AU-12(3), AU-14(a), AU-14(b), CA-7(b), PM-14(a)(1), PM-14(b), PM-21(b), PM-31, SC-28(2), SI-4(17), SI-12"
    nist_csf                                       = "true"
    nist_csf_item_id                               = "DE.AE-3, PR.PT-1"
    nist_csf_v2                                    = "true"
    nist_csf_v2_item_id                            = "PR.PS-04, RC.RP-06, RS.AN-03, RS.AN-06, RS.AN-07"
    soc_2                                          = "true"
    soc_2_item_id                                  = "CC7.2, CC7.3"
    iso_27001_2022                                 = "true"
    iso_27001_2022_item_id                         = "A.8.15, A.8.16"
    hipaa_security_rule_2003                       = "true"
    hipaa_security_rule_2003_item_id               = "164.312(b)"
    hipaa_final_omnibus_security_rule_2013         = "true"
    hipaa_final_omnibus_security_rule_2013_item_id = "164.312(b)"
    cis_controls_v8_ig1                            = "true"
    cis_controls_v8_ig1_item_id                    = "3.3, 3.4, 8.1"
  }
}

control "cloudtrail_trail_integrated_with_logs" {
  title         = "CloudTrail trails should be integrated with CloudWatch Logs"
  description   = local.cis_description
  severity      = "low"
  query         = query.cis_3_4
  documentation = file("./docs/cis_3_4.md")
  tags          = merge(local.common_tags, local.integrated_tags)
}

benchmark "pci_dss_v321" {
  title         = "AWS PCI DSS v3.2.1: CloudTrail to CloudWatch Logs"
  description   = "What the strict rule and the retention rule stand for in the Payment Card Industry Data Security Standard v3.2.1; the tag pci_dss_v321_item_id has the items."
  documentation = file("./docs/frameworks.md")
  children      = [control.cloudtrail_trail_integrated_with_logs, control.log_group_retention_365]

  tags = merge(local.common_tags, {
    pci_dss_v321 = "true"
    type         = "Benchmark"
  })
}

benchmark "pci_dss_v40" {
  title         = "AWS PCI DSS v4.0: CloudTrail to CloudWatch Logs"
  description   = "What the strict rule and the retention rule stand for in the Payment Card Industry Data Security Standard v4.0; the tag pci_dss_v40_item_id has the items."
  documentation = file("./docs/frameworks.md")
  children      = [control.cloudtrail_trail_integrated_with_logs, control.log_group_retention_365]

  tags = merge(local.common_tags, {
    pci_dss_v40 = "true"
    type        = "Benchmark"
  })
}

benchmark "nist_800_53_rev_5" {
  title         = "AWS NIST 800-53 Revision 5: CloudTrail to CloudWatch Logs"
  description   = "What the strict rule and the retention rule stand for in NIST SP 800-53 Revision 5; the tag nist_800_53_rev_5_item_id has the items."
  documentation = file("./docs/frameworks.md")
  children      = [control.cloudtrail_trail_integrated_with_logs, control.log_group_retention_365]

  tags = merge(local.common_tags, {
    nist_800_53_rev_5 = "true"
    type              = "Benchmark"
  })
}

benchmark "nist_csf" {
  title         = "AWS NIST CSF v1.1: CloudTrail to CloudWatch Logs"
  description   = "What the strict rule and the retention rule stand for in the NIST Cybersecurity Framework v1.1; the tag nist_csf_item_id has the items."
  documentation = file("./docs/frameworks.md")
  children      = [control.cloudtrail_trail_integrated_with_logs, control.log_group_retention_365]

  tags = merge(local.common_tags, {
    nist_csf = "true"
    type     = "Benchmark"
  })
}

benchmark "nist_csf_v2" {
  title         = "AWS NIST CSF v2.0: CloudTrail to CloudWatch Logs"
  description   = "What the strict rule and the retention rule stand for in the NIST Cybersecurity Framework v2.0; the tag nist_csf_v2_item_id has the items."
  documentation = file("./docs/frameworks.md")
  children      = [control.cloudtrail_trail_integrated_with_logs, control.log_group_retention_365]

  tags = merge(local.common_tags, {
    nist_csf_v2 = "true"
    type        = "Benchmark"
  })
}

benchmark "soc_2" {
  title         = "AWS SOC 2: CloudTrail to CloudWatch Logs"
  description   = "What the strict rule and the retention rule stand for in the Trust Services Criteria for SOC 2; the tag soc_2_item_id has the items."
  documentation = file("./docs/frameworks.md")
  children      = [control.cloudtrail_trail_integrated_with_logs, control.log_group_retention_365]

  tags = merge(local.common_tags, {
    soc_2 = "true"
    type  = "Benchmark"
  })
}

benchmark "iso_27001_2022" {
  title         = "AWS ISO/IEC 27001:2022: CloudTrail to CloudWatch Logs"
  description   = "What the strict rule and the retention rule stand for in Annex A of ISO/IEC 27001:2022; the tag iso_27001_2022_item_id has the items."
  documentation = file("./docs/frameworks.md")
  children      = [control.cloudtrail_trail_integrated_with_logs, control.log_group_retention_365]

  tags = merge(local.common_tags, {
    iso_27001_2022 = "true"
    type           = "Benchmark"
  })
}

benchmark "hipaa_security_rule_2003" {
  title         = "AWS HIPAA Security Rule 2003: CloudTrail to CloudWatch Logs"
  description   = "What the strict rule and the retention rule stand for in the HIPAA Security Rule of 2003; the tag hipaa_security_rule_2003_item_id has the items."
  documentation = file("./docs/frameworks.md")
  children      = [control.cloudtrail_trail_integrated_with_logs, control.log_group_retention_365]

  tags = merge(local.common_tags, {
    hipaa_security_rule_2003 = "true"
    type                     = "Benchmark"
  })
}

benchmark "hipaa_final_omnibus_security_rule_2013" {
  title         = "AWS HIPAA Final Omnibus Security Rule 2013: CloudTrail to CloudWatch Logs"
  description   = "What the strict rule and the retention rule stand for in the HIPAA Final Omnibus Security Rule of 2013; the tag hipaa_final_omnibus_security_rule_2013_item_id has the items."
  documentation = file("./docs/frameworks.md")
  children      = [control.cloudtrail_trail_integrated_with_logs, control.log_group_retention_365]

  tags = merge(local.common_tags, {
    hipaa_final_omnibus_security_rule_2013 = "true"
    type                                   = "Benchmark"
  })
}

benchmark "cis_controls_v8_ig1" {
  title         = "AWS CIS Controls v8, IG1: CloudTrail to CloudWatch Logs"
  description   = "What the strict rule and the retention rule stand for in the CIS Critical Security Controls v8, implementation group 1; the tag cis_controls_v8_ig1_item_id has the items."
  documentation = file("./docs/frameworks.md")
  children      = [control.cloudtrail_trail_integrated_with_logs, control.log_group_retention_365]

  tags = merge(local.common_tags, {
    cis_controls_v8_ig1 = "true"
    type                = "Benchmark"
  })
}
