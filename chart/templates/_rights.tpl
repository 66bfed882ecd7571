{{/* The names of the copies, as JSON: those of all targets, and previous ones. */}}
{{- define "pullsecret-sync.copyNames" -}}
{{- $names := list -}}
{{- range include "pullsecret-sync.targets" . | fromJsonArray -}}
{{- $names = append $names .secretName -}}
{{- end -}}
{{- concat $names (.Values.previousSecretNames | default list) | uniq | toJson -}}
{{- end -}}

{{/* The names of the job's Events, as JSON: as its function `eventName` makes them, for each reason and copy's name. */}}
{{- define "pullsecret-sync.eventNames" -}}
{{- $names := list -}}
{{- range $secret := include "pullsecret-sync.copyNames" . | fromJsonArray -}}
{{- range $reason := list "secretkept" "listdeclaredelsewhere" "referencedeclaredelsewhere" "copychanged" "failed" -}}
{{- $name := printf "%s.%s.%s.%s" $reason $.Release.Namespace $.Release.Name $secret | trunc 253 -}}
{{- $names = append $names (regexReplaceAll "[-.]+$" $name "") -}}
{{- end -}}
{{- end -}}
{{- uniq $names | toJson -}}
{{- end -}}

{{/* What a rule on ServiceAccounts is limited to: `resourceNames`, or nothing where one of the names is a glob. */}}
{{- define "pullsecret-sync.serviceAccountLimit" -}}
{{- $names := list -}}
{{- range include "pullsecret-sync.targets" . | fromJsonArray -}}
{{- $names = concat $names .serviceAccounts.include -}}
{{- end -}}
{{- $names = concat $names (.Values.previousServiceAccounts | default list) | uniq -}}
{{- if not (regexMatch "[*?]" (join "" $names)) -}}
resourceNames: {{ toJson $names }}
{{- end -}}
{{- end -}}

{{/* The verb that only a follower needs. Takes (dict "context" $ "verbs" …). */}}
{{- define "pullsecret-sync.watchedVerbs" -}}
{{- $verbs := .verbs -}}
{{- if .context.Values.follow.enabled -}}
{{- $verbs = concat $verbs (list "list" "watch") | uniq -}}
{{- end -}}
verbs: [{{ join ", " $verbs }}]
{{- end -}}

{{/* The subject and the role of a binding. Takes (dict "kind" … "name" … "account" … "namespace" …). */}}
{{- define "pullsecret-sync.bind" -}}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ .account }}
    namespace: {{ .namespace }}
{{- end -}}
