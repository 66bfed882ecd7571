{{/*
Ends the rendering where values are wrong, with one sentence for each fault. It says where the fault is and never what
the value is: it may be a password. Each template that reads credentials starts with it, so that the order in which Helm
renders them does not matter.
*/}}
{{- define "pullsecret-sync.validate" -}}
{{- $faults := include "pullsecret-sync.profileFaults" . | fromJsonArray -}}
{{- $targets := include "pullsecret-sync.targets" . | fromJsonArray -}}
{{- $made := dict -}}
{{- range $target := $targets -}}
{{- range $value, $name := include "pullsecret-sync.ownSources" (dict "context" $ "target" .) | fromJson -}}
{{- $_ := set $made $name (printf "%s%s" $target.path $value) -}}
{{- end -}}
{{- end -}}
{{- range $targets -}}
{{- $faults = concat $faults
  (include "pullsecret-sync.sourceFaults" (dict "target" . "made" $made) | fromJsonArray)
  (include "pullsecret-sync.registryFaults" . | fromJsonArray)
  (include "pullsecret-sync.globFaults" . | fromJsonArray)
-}}
{{- end -}}
{{- $faults = concat $faults
  (include "pullsecret-sync.nameFaults" . | fromJsonArray)
  (include "pullsecret-sync.runFaults" . | fromJsonArray)
-}}
{{- if $faults -}}
{{- fail (join "\n" $faults) -}}
{{- end -}}
{{- end -}}

{{- define "pullsecret-sync.profileFaults" -}}
{{- $faults := list -}}
{{- range $key, $profile := .Values.profiles -}}
{{- if or (eq $key "default") (not (regexMatch "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" $key)) -}}
{{- $faults = append $faults (printf "profiles.%s has a key that cannot name a target: use lower-case letters, digits and \"-\", and not \"default\", which is the top-level values" $key) -}}
{{- end -}}
{{- if not $profile.namespaces -}}
{{- $faults = append $faults (printf "profiles.%s.namespaces is missing: say which namespaces the profile is for, with include or selector" $key) -}}
{{- end -}}
{{- end -}}
{{- $faults | toJson -}}
{{- end -}}

{{/* Takes (dict "target" … "made" …): the names of all Secrets that the chart makes, each with the value it comes from. */}}
{{- define "pullsecret-sync.sourceFaults" -}}
{{- $faults := list -}}
{{- $path := .target.path -}}
{{- $target := .target -}}
{{- if not (or $target.registries $target.dockerConfigJson $target.existingSecrets $target.sourceFiles $target.externalSecret) -}}
{{- $faults = append $faults (printf "there are no credentials to copy: set server, username and password of a registry under %sregistries, give a docker config in %sdockerConfigJson, or name a Secret of this namespace in %sexistingSecrets" $path $path $path) -}}
{{- end -}}
{{- if and (kindIs "string" $target.dockerConfigJson) $target.dockerConfigJson (hasKey (fromJson $target.dockerConfigJson) "Error") -}}
{{- $faults = append $faults (printf "%sdockerConfigJson is not a JSON object: give it the content of a docker config.json, best with --set-file" $path) -}}
{{- end -}}
{{- range $target.sourceFiles -}}
{{- if not (hasPrefix "/" .) -}}
{{- $faults = append $faults (printf "%ssourceFiles has a path that is not absolute: begin it with \"/\"" $path) -}}
{{- end -}}
{{- end -}}
{{- with $target.externalSecret -}}
{{- range $field := list "secretStoreRef" "remoteRef" -}}
{{- if not (get $target.externalSecret $field) -}}
{{- $faults = append $faults (printf "%sexternalSecret.%s is missing: an ExternalSecret names its store in secretStoreRef and what to fetch in remoteRef" $path $field) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := .made -}}
{{- if eq $name (toString $target.secretName) -}}
{{- $faults = append $faults (printf "%ssecretName is %s, the Secret that the chart makes from %s: choose another secretName" $path $name $value) -}}
{{- end -}}
{{- if has $name $target.existingSecrets -}}
{{- $faults = append $faults (printf "%sexistingSecrets names %s, the Secret that the chart makes from %s: rename yours, or leave %s empty" $path $name $value $value) -}}
{{- end -}}
{{- end -}}
{{- $faults | toJson -}}
{{- end -}}

{{/* Takes a target. */}}
{{- define "pullsecret-sync.registryFaults" -}}
{{- $faults := list -}}
{{- $keys := dict -}}
{{- $in := .path -}}
{{- range $key, $registry := .registries -}}
{{- range $field := list "server" "username" "password" -}}
{{- $path := printf "%sregistries.%s.%s" $in $key $field -}}
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
{{- $faults = append $faults (printf "%sregistries.%s and %sregistries.%s are the same registry, %s: remove one" $in (get $keys $server) $in $key $server) -}}
{{- else -}}
{{- $_ := set $keys $server $key -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if ne (include "pullsecret-sync.isDate" ($registry.expiresAt | default "2000-01-01")) "true" -}}
{{- $faults = append $faults (printf "%sregistries.%s.expiresAt is not a date: write it as \"2027-01-31\"" $in $key) -}}
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
  "global.imagePullSecrets" (.Values.global | default dict).imagePullSecrets
  "serviceAccount.name" (compact (list .Values.serviceAccount.name))
  "nameOverride" (compact (list .Values.nameOverride))
  "fullnameOverride" (compact (list .Values.fullnameOverride))
-}}
{{- range $key, $profile := .Values.profiles -}}
{{- if hasKey $profile "secretName" -}}
{{- $_ := set $names (printf "profiles.%s.secretName" $key) (list $profile.secretName) -}}
{{- end -}}
{{- $_ := set $names (printf "profiles.%s.existingSecrets" $key) $profile.existingSecrets -}}
{{- end -}}
{{- range .Values.previousServiceAccounts -}}
{{- if not (regexMatch "^[-a-z0-9.*?]+$" .) -}}
{{- $faults = append $faults "previousServiceAccounts has an entry that is not a glob: use lower-case letters, digits, \"-\", \".\", \"*\" and \"?\"" -}}
{{- end -}}
{{- end -}}
{{- range $value, $list := $names -}}
{{- range $list -}}
{{- if or (gt (len .) 253) (not (regexMatch "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$" .)) -}}
{{- $faults = append $faults (printf "%s has a name that Kubernetes does not take: use lower-case letters, digits, \"-\" and \".\", with a letter or digit at both ends" $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- uniq $faults | toJson -}}
{{- end -}}

{{/* Takes a target. */}}
{{- define "pullsecret-sync.globFaults" -}}
{{- $faults := list -}}
{{- $target := . -}}
{{- range $value := list "namespaces" "serviceAccounts" -}}
{{- $rules := get $target $value -}}
{{- $value = printf "%s%s" $target.path $value -}}
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
{{- if not (or .Values.serviceAccount.create .Values.serviceAccount.name) -}}
{{- $faults = append $faults "serviceAccount.name is missing: with create: false it says which ServiceAccount the job has" -}}
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
