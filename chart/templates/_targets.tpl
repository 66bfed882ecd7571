{{/*
The targets as a JSON list, in the order in which the first match wins: profiles by priority (higher first), then by key,
and the top-level values as `default` last. Each has every field of a target, and in `path` where its values stand.
What a profile leaves out of secretName, serviceAccounts and onConflict is as it is for `default`.
*/}}
{{- define "pullsecret-sync.targets" -}}
{{- $top := pick .Values "secretName" "registries" "dockerConfigJson" "existingSecrets" "sourceFiles" "externalSecret" "namespaces" "serviceAccounts" "onConflict" -}}
{{- $order := list -}}
{{- range $key, $profile := .Values.profiles -}}
{{- $order = append $order (printf "%08d %s" (sub 10000000 ($profile.priority | default 0 | int64)) $key) -}}
{{- end -}}
{{- $targets := list -}}
{{- range sortAlpha $order -}}
{{- $key := regexReplaceAll "^[0-9]+ " . "" -}}
{{- $profile := get $.Values.profiles $key -}}
{{- $inherited := dict "name" $key "path" (printf "profiles.%s." $key) "secretName" $top.secretName "onConflict" $top.onConflict -}}
{{- $target := include "pullsecret-sync.overlay" (list $inherited (omit $profile "priority")) | fromJson -}}
{{- $namespaces := dict "include" (list "*") "exclude" list "excludeSystem" true "selector" dict -}}
{{- $_ := set $target "namespaces" (include "pullsecret-sync.overlay" (list $namespaces $profile.namespaces) | fromJson) -}}
{{- $_ := set $target "serviceAccounts" (include "pullsecret-sync.overlay" (list $top.serviceAccounts $profile.serviceAccounts) | fromJson) -}}
{{- $targets = append $targets $target -}}
{{- end -}}
{{- append $targets (merge (dict "name" "default" "path" "") $top) | toJson -}}
{{- end -}}

{{/* The first map with the entries of the second, as JSON: `merge` takes false and [] for nothing. */}}
{{- define "pullsecret-sync.overlay" -}}
{{- $result := deepCopy (first .) -}}
{{- range $key, $value := last . -}}
{{- $_ := set $result $key $value -}}
{{- end -}}
{{- $result | toJson -}}
{{- end -}}

{{/* What a target adds to the names of its own objects. */}}
{{- define "pullsecret-sync.targetBase" -}}
{{- $fullname := include "pullsecret-sync.fullname" .context -}}
{{- eq .target.path "" | ternary $fullname (printf "%s-%s" $fullname .target.name) -}}
{{- end -}}

{{/* The Secret that the chart makes from `registries`. This and the ones below take (dict "context" $ "target" …). */}}
{{- define "pullsecret-sync.sourceName" -}}
{{- include "pullsecret-sync.cut" (dict "name" (include "pullsecret-sync.targetBase" .) "limit" 56) }}-source
{{- end -}}

{{/* The Secret that the chart makes from `dockerConfigJson`. */}}
{{- define "pullsecret-sync.dockerConfigName" -}}
{{- include "pullsecret-sync.cut" (dict "name" (include "pullsecret-sync.targetBase" .) "limit" 49) }}-docker-config
{{- end -}}

{{/* The ExternalSecret, and the Secret that its operator makes of it. */}}
{{- define "pullsecret-sync.externalSecretName" -}}
{{- include "pullsecret-sync.cut" (dict "name" (include "pullsecret-sync.targetBase" .) "limit" 54) }}-external
{{- end -}}

{{/* The Secrets that come from values, as a JSON object: value to name. */}}
{{- define "pullsecret-sync.ownSources" -}}
{{- $sources := dict -}}
{{- if .target.externalSecret -}}
{{- $_ := set $sources "externalSecret" (include "pullsecret-sync.externalSecretName" .) -}}
{{- end -}}
{{- if .target.dockerConfigJson -}}
{{- $_ := set $sources "dockerConfigJson" (include "pullsecret-sync.dockerConfigName" .) -}}
{{- end -}}
{{- if .target.registries -}}
{{- $_ := set $sources "registries" (include "pullsecret-sync.sourceName" .) -}}
{{- end -}}
{{- $sources | toJson -}}
{{- end -}}

{{/*
A JSON list of the sources as the job's configuration has them. A later one wins: sourceFiles over existingSecrets, then
externalSecret, dockerConfigJson, registries.
*/}}
{{- define "pullsecret-sync.sources" -}}
{{- $own := include "pullsecret-sync.ownSources" . | fromJson -}}
{{- $sources := list -}}
{{- range .target.existingSecrets -}}
{{- $sources = append $sources (dict "secret" .) -}}
{{- end -}}
{{- range .target.sourceFiles -}}
{{- $sources = append $sources (dict "file" .) -}}
{{- end -}}
{{- range list $own.externalSecret $own.dockerConfigJson $own.registries | compact -}}
{{- $sources = append $sources (dict "secret" .) -}}
{{- end -}}
{{- $sources | toJson -}}
{{- end -}}

{{/* A JSON list of the names of the sources that are Secrets. */}}
{{- define "pullsecret-sync.sourceSecrets" -}}
{{- $names := list -}}
{{- range include "pullsecret-sync.sources" . | fromJsonArray -}}
{{- $names = append $names .secret -}}
{{- end -}}
{{- $names | compact | toJson -}}
{{- end -}}
