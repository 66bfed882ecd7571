module pullsecret-sync/tools/sealed-secrets

go 1.26

require github.com/bitnami-labs/sealed-secrets v0.40.0
