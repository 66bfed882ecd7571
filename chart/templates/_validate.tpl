{{/*
Ends the rendering where values are wrong, with one sentence for each fault. It says where the fault is and never what
the value is: it may be a password. Each template that reads credentials starts with it, so that the order in which Helm
renders them does not matter.
*/}}
{{- define "pullsecret-sync.validate" -}}
{{- $faults := concat
  (include "pullsecret-sync.sourceFaults" . | fromJsonArray)
  (include "pullsecret-sync.registryFaults" . | fromJsonArray)
  (include "pullsecret-sync.nameFaults" . | fromJsonArray)
  (include "pullsecret-sync.globFaults" . | fromJsonArray)
  (include "pullsecret-sync.runFaults" . | fromJsonArray)
-}}
{{- if $faults -}}
{{- fail (join "\n" $faults) -}}
{{- end -}}
{{- end -}}

{{- define "pullsecret-sync.sourceFaults" -}}
{{- $faults := list -}}
{{- if not (or .Values.registries .Values.dockerConfigJson .Values.existingSecrets) -}}
{{- $faults = append $faults "there are no credentials to copy: set server, username and password of a registry under registries, give a docker config in dockerConfigJson, or name a Secret of this namespace in existingSecrets" -}}
{{- end -}}
{{- if and (kindIs "string" .Values.dockerConfigJson) .Values.dockerConfigJson (hasKey (fromJson .Values.dockerConfigJson) "Error") -}}
{{- $faults = append $faults "dockerConfigJson is not a JSON object: give it the content of a docker config.json, best with --set-file" -}}
{{- end -}}
{{- range $value, $name := include "pullsecret-sync.ownSources" . | fromJson -}}
{{- if eq $name $.Values.secretName -}}
{{- $faults = append $faults (printf "secretName is %s, the Secret that the chart makes from %s: choose another secretName" $name $value) -}}
{{- end -}}
{{- if has $name $.Values.existingSecrets -}}
{{- $faults = append $faults (printf "existingSecrets names %s, the Secret that the chart makes from %s: rename yours, or leave %s empty" $name $value $value) -}}
{{- end -}}
{{- end -}}
{{- $faults | toJson -}}
{{- end -}}

{{- define "pullsecret-sync.registryFaults" -}}
{{- $faults := list -}}
{{- $keys := dict -}}
{{- range $key, $registry := .Values.registries -}}
{{- range $field := list "server" "username" "password" -}}
{{- $path := printf "registries.%s.%s" $key $field -}}
{{- $value := get $registry $field -}}
{{- if or (kindIs "invalid" $value) (eq (toString $value) "") -}}
{{- $faults = append $faults (printf "%s is missing: set it, best with --set-literal or quoted in a values file" $path) -}}
{{- else if not (kindIs "string" $value) -}}
{{- $kind := get (dict "float64" "a number" "int64" "a number" "bool" "a boolean" "map" "a map" "slice" "a list") (kindOf $value) -}}
{{- $faults = append $faults (printf "%s is %s and must be a string: use --set-literal, or quote it in the values file" $path $kind) -}}
{{- else if and (eq $field "username") (contains ":" $value) -}}
{{- $faults = append $faults (printf "%s has a colon in it, which a registry login cannot carry: use a login without one" $path) -}}
{{- else if eq $field "server" -}}
{{- $server := include "pullsecret-sync.server" $value -}}
{{- if not $server -}}
{{- $faults = append $faults (printf "%s is not the name of a registry: use a host such as registry.example.com, with no user, password or query in it" $path) -}}
{{- else if hasKey $keys $server -}}
{{- $faults = append $faults (printf "registries.%s and registries.%s are the same registry, %s: remove one" (get $keys $server) $key $server) -}}
{{- else -}}
{{- $_ := set $keys $server $key -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if ne (include "pullsecret-sync.isDate" ($registry.expiresAt | default "2000-01-01")) "true" -}}
{{- $faults = append $faults (printf "registries.%s.expiresAt is not a date: write it as \"2027-01-31\"" $key) -}}
{{- end -}}
{{- end -}}
{{- $faults | toJson -}}
{{- end -}}

{{- define "pullsecret-sync.nameFaults" -}}
{{- $faults := list -}}
{{- $names := dict
  "secretName" (list .Values.secretName)
  "existingSecrets" .Values.existingSecrets
  "imagePullSecrets" .Values.imagePullSecrets
  "previousSecretNames" .Values.previousSecretNames
  "previousServiceAccounts" .Values.previousServiceAccounts
  "nameOverride" (compact (list .Values.nameOverride))
  "fullnameOverride" (compact (list .Values.fullnameOverride))
-}}
{{- range $value, $list := $names -}}
{{- range $list -}}
{{- if or (gt (len .) 253) (not (regexMatch "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$" .)) -}}
{{- $faults = append $faults (printf "%s has a name that Kubernetes does not take: use lower-case letters, digits, \"-\" and \".\", with a letter or digit at both ends" $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- uniq $faults | toJson -}}
{{- end -}}

{{- define "pullsecret-sync.globFaults" -}}
{{- $faults := list -}}
{{- range $value := list "namespaces" "serviceAccounts" -}}
{{- $rules := get $.Values $value -}}
{{- if not $rules.include -}}
{{- $faults = append $faults (printf "%s.include is empty, which selects nothing: name at least one, or \"*\" for all" $value) -}}
{{- end -}}
{{- range $field := list "include" "exclude" -}}
{{- range index $rules $field -}}
{{- if not (regexMatch "^[-a-z0-9.*?]+$" .) -}}
{{- $faults = append $faults (printf "%s.%s has an entry that is not a glob: use lower-case letters, digits, \"-\", \".\", \"*\" and \"?\"" $value $field) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- uniq $faults | toJson -}}
{{- end -}}

{{- define "pullsecret-sync.runFaults" -}}
{{- $faults := list -}}
{{- if not (trim (.Values.schedule | default "")) -}}
{{- $faults = append $faults "schedule is empty: set five cron fields, such as \"*/5 * * * *\", or suspend: true to pause" -}}
{{- end -}}
{{- range $value := list "sourceTimeout" "retireAfter" -}}
{{- if not (regexMatch "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$" (get $.Values $value)) -}}
{{- $faults = append $faults (printf "%s is not a duration: write it as \"60s\" or \"5m\"" $value) -}}
{{- end -}}
{{- end -}}
{{- range .Values.previousReleases -}}
{{- if not (regexMatch "^[a-z0-9][-a-z0-9]*/[a-z0-9][-a-z0-9.]*$" .) -}}
{{- $faults = append $faults "previousReleases has an entry that is not a release: write it as \"<namespace>/<name>\"" -}}
{{- end -}}
{{- end -}}
{{- $faults | toJson -}}
{{- end -}}

{{/* `true` where the text is a day of the calendar: one that comes back the same. */}}
{{- define "pullsecret-sync.isDate" -}}
{{- eq . (dateInZone "2006-01-02" (toDate "2006-01-02Z07:00" (printf "%sZ" .)) "UTC") -}}
{{- end -}}
