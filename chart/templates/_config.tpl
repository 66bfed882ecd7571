{{/* The job's configuration. Every field that has a value is written, so that 0 and false are too. */}}
{{- define "pullsecret-sync.config" -}}
{{- $targets := list -}}
{{- range include "pullsecret-sync.targets" . | fromJsonArray -}}
{{- $sources := include "pullsecret-sync.sources" (dict "context" $ "target" .) | fromJsonArray -}}
{{- $expires := dict -}}
{{- range .registries -}}
{{- if .expiresAt -}}
{{- $_ := set $expires (include "pullsecret-sync.server" .server) .expiresAt -}}
{{- end -}}
{{- end -}}
{{- $fields := pick . "name" "secretName" "namespaces" "serviceAccounts" "onConflict" -}}
{{- $targets = append $targets (merge $fields (dict "sources" $sources "expires" $expires)) -}}
{{- end -}}
{{- $objects := dict "configMap" (include "pullsecret-sync.fullname" .) "cronJob" (include "pullsecret-sync.cronJobName" .) -}}
{{- if .Values.follow.enabled -}}
{{- $_ := set $objects "follower" (include "pullsecret-sync.fullname" .) -}}
{{- end -}}
{{- if eq (include "pullsecret-sync.admissionPolicyEnabled" .) "true" -}}
{{- $_ := set $objects "admissionPolicyBinding" (include "pullsecret-sync.clusterName" .) -}}
{{- end -}}
{{- dict
  "release" (printf "%s/%s" .Release.Namespace .Release.Name)
  "targets" $targets
  "previousSecretNames" (.Values.previousSecretNames | default list)
  "previousServiceAccounts" (.Values.previousServiceAccounts | default list)
  "previousReleases" (.Values.previousReleases | default list)
  "retireAfter" .Values.retireAfter
  "maxRemovePercent" (int64 .Values.maxRemovePercent)
  "sourceTimeout" .Values.sourceTimeout
  "concurrency" .Values.concurrency
  "verifyCredentials" (include "pullsecret-sync.verifyCredentials" .)
  "recreateStuckPods" (dict "enabled" .Values.recreateStuckPods.enabled "maxPerRun" (int64 .Values.recreateStuckPods.maxPerRun))
  "events" (dict "enabled" .Values.events.enabled)
  "objects" $objects
| toYaml -}}
{{- end -}}
