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
  (include "pullsecret-sync.sourceFaults" (dict "context" $ "target" . "made" $made) | fromJsonArray)
  (include "pullsecret-sync.registryFaults" . | fromJsonArray)
  (include "pullsecret-sync.globFaults" . | fromJsonArray)
-}}
{{- end -}}
{{- $faults = concat $faults
  (include "pullsecret-sync.nameFaults" . | fromJsonArray)
  (include "pullsecret-sync.runFaults" . | fromJsonArray)
  (include "pullsecret-sync.podFaults" . | fromJsonArray)
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
{{- if gt (len .) 253 -}}
{{- $faults = append $faults (printf "%s has a name of %d characters and Kubernetes takes 253: shorten it" $value (len .)) -}}
{{- else if not (regexMatch "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$" .) -}}
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
