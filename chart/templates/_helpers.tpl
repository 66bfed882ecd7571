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

{{/* The name of the object whose one part is the cleanup's. */}}
{{- define "pullsecret-sync.cleanupName" -}}
{{- include "pullsecret-sync.cut" (dict "name" (include "pullsecret-sync.fullname" .) "limit" 55) }}-cleanup
{{- end -}}

{{- define "pullsecret-sync.followerName" -}}
{{- include "pullsecret-sync.cut" (dict "name" (include "pullsecret-sync.fullname" .) "limit" 54) }}-follower
{{- end -}}

{{/* A Service's name has no dots, and begins with a letter. */}}
{{- define "pullsecret-sync.serviceName" -}}
{{- regexReplaceAll "^[0-9]" (include "pullsecret-sync.fullname" . | replace "." "-") "s$0" | trunc 63 -}}
{{- end -}}

{{/* What tells the follower's pod from those of runs. */}}
{{- define "pullsecret-sync.followerLabels" -}}
{{ include "pullsecret-sync.selectorLabels" . }}
app.kubernetes.io/component: follower
{{- end -}}

{{- define "pullsecret-sync.cleanupClusterName" -}}
{{- include "pullsecret-sync.cut" (dict "name" (include "pullsecret-sync.clusterName" .) "limit" 55) }}-cleanup
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

{{/*
Labels and annotations of an object. What the values say of this object wins over what they say of all, and the chart's
own over both. Takes (dict "context" $ "labels" … "annotations" … "own" … "component" …): `own` are annotations of the chart.
*/}}
{{- define "pullsecret-sync.metadata" -}}
{{- $values := .context.Values -}}
{{- $own := include "pullsecret-sync.labels" .context | fromYaml -}}
{{- with .component -}}
{{- $_ := set $own "app.kubernetes.io/component" . -}}
{{- end -}}
labels:
  {{- mergeOverwrite (dict) ($values.commonLabels | default dict) (.labels | default dict) $own | toYaml | nindent 2 }}
{{- with mergeOverwrite (dict) ($values.commonAnnotations | default dict) (.annotations | default dict) (.own | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "pullsecret-sync.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "pullsecret-sync.fullname" .) "default") -}}
{{- end -}}

{{/* A registry is the first part of a name with a dot, a port or "localhost" in it, as container engines read it. */}}
{{- define "pullsecret-sync.image" -}}
{{- $image := .Values.image -}}
{{- $repository := $image.repository -}}
{{- with (.Values.global | default dict).imageRegistry -}}
{{- $repository = printf "%s/%s" . (regexReplaceAll "^([^/]*[.:][^/]*|localhost)/" $repository "") -}}
{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository ($image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
