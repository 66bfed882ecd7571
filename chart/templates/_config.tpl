{{/* The job's configuration. Every field that has a value is written, so that 0 and false are too. */}}
{{- define "pullsecret-sync.config" -}}
{{- $sources := list -}}
{{- range include "pullsecret-sync.sources" . | fromJsonArray -}}
{{- $sources = append $sources (dict "secret" .) -}}
{{- end -}}
{{- $expires := dict -}}
{{- range .Values.registries -}}
{{- if .expiresAt -}}
{{- $_ := set $expires (include "pullsecret-sync.server" .server) .expiresAt -}}
{{- end -}}
{{- end -}}
{{- $target := dict
  "name" "default"
  "secretName" .Values.secretName
  "sources" $sources
  "namespaces" .Values.namespaces
  "serviceAccounts" .Values.serviceAccounts
  "onConflict" .Values.onConflict
  "expires" $expires
-}}
{{- dict
  "release" (printf "%s/%s" .Release.Namespace .Release.Name)
  "targets" (list $target)
  "previousSecretNames" (.Values.previousSecretNames | default list)
  "previousServiceAccounts" (.Values.previousServiceAccounts | default list)
  "previousReleases" (.Values.previousReleases | default list)
  "retireAfter" .Values.retireAfter
  "maxRemovePercent" (int64 .Values.maxRemovePercent)
  "sourceTimeout" .Values.sourceTimeout
  "concurrency" .Values.concurrency
| toYaml -}}
{{- end -}}
