{{/*
A name cut to `limit` characters. The end of a cut name is a hash of the whole one, so that two long names stay two.
Takes (dict "name" … "limit" …).
*/}}
{{- define "pullsecret-sync.cut" -}}
{{- if gt (len .name) .limit -}}
{{- printf "%s-%s" (regexReplaceAll "[-.]+$" (trunc (sub .limit 9 | int) .name) "") (sha256sum .name | trunc 8) -}}
{{- else -}}
{{- .name -}}
{{- end -}}
{{- end -}}

{{- define "pullsecret-sync.name" -}}
{{- include "pullsecret-sync.cut" (dict "name" (.Values.nameOverride | default .Chart.Name) "limit" 63) -}}
{{- end -}}

{{/* The base of every object's name; the name itself of those that need no more. */}}
{{- define "pullsecret-sync.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- include "pullsecret-sync.cut" (dict "name" (.Values.fullnameOverride | default $full) "limit" 63) -}}
{{- end -}}

{{/* Kubernetes adds 11 characters for the Jobs of a CronJob. Jobs name pods, whose names should have no dots. */}}
{{- define "pullsecret-sync.cronJobName" -}}
{{- include "pullsecret-sync.cut" (dict "name" (include "pullsecret-sync.fullname" .) "limit" 52) | replace "." "-" -}}
{{- end -}}

{{- define "pullsecret-sync.hookName" -}}
{{- include "pullsecret-sync.cut" (dict "name" (include "pullsecret-sync.fullname" .) "limit" 59) | replace "." "-" }}-now
{{- end -}}

{{/* Cluster-scoped objects carry the namespace, so that releases of the same name live side by side. */}}
{{- define "pullsecret-sync.clusterName" -}}
{{- $name := printf "%s-%s" .Release.Namespace (include "pullsecret-sync.fullname" .) -}}
{{- include "pullsecret-sync.cut" (dict "name" $name "limit" 63) -}}
{{- end -}}

{{/* The ConfigMap in which the job reports. The job derives the same name from the release, so no value changes it. */}}
{{- define "pullsecret-sync.statusName" -}}
{{- contains "pullsecret-sync" .Release.Name | ternary .Release.Name (printf "%s-pullsecret-sync" .Release.Name) }}-status
{{- end -}}

{{- define "pullsecret-sync.selectorLabels" -}}
app.kubernetes.io/name: {{ include "pullsecret-sync.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "pullsecret-sync.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "pullsecret-sync.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "pullsecret-sync.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
{{- end -}}
