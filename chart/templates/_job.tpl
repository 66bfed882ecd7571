{{/*
A Job that Helm runs as a hook, or a plain one where it runs none. Takes (dict "context" $ "suffix" … "component" …
"hook" … "deletePolicy" … "spec" …); the spec is YAML, and a policy need not be given. A plain Job is named by the revision and by its spec, since a Job cannot be changed and some tools render
every revision as the first.
*/}}
{{- define "pullsecret-sync.hookJob" -}}
{{- $values := .context.Values -}}
{{- $base := include "pullsecret-sync.fullname" .context -}}
{{- $suffix := $values.helmHooks | ternary .suffix (printf "%s-%d-%s" .suffix .context.Release.Revision (sha256sum .spec | trunc 8)) -}}
{{- $limit := sub 63 (len $suffix | add1) | int -}}
{{- $hook := dict "helm.sh/hook" .hook "helm.sh/hook-delete-policy" (.deletePolicy | default "before-hook-creation,hook-succeeded") "helm.sh/hook-output-log-policy" "hook-failed" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "pullsecret-sync.cut" (dict "name" $base "limit" $limit) | replace "." "-" }}-{{ $suffix }}
  namespace: {{ .context.Release.Namespace }}
  {{- include "pullsecret-sync.metadata" (dict "context" .context "component" .component "labels" $values.jobLabels "annotations" $values.jobAnnotations "own" ($values.helmHooks | ternary $hook dict)) | nindent 2 }}
spec:
  {{- if $values.helmHooks }}
  ttlSecondsAfterFinished: 86400 # one that failed stays for a day to be looked at, though its release goes
  {{- end }}
  {{- .spec | nindent 2 }}
{{- end -}}

{{/*
The spec of a Job: those of the schedule, the first run, the cleanup and the trial of credentials differ in what is
passed. Takes (dict "context" $ "args" … "logFormat" … "serviceAccountName" … "activeDeadlineSeconds" … "credentials" …
"noSources" …). A login that is refused is not tried twice: that could lock the account. Vault's agent would keep a pod that
reads no sources from starting, as a volume would.
*/}}
{{- define "pullsecret-sync.jobSpec" -}}
{{- $values := .context.Values -}}
{{- $own := dict -}}
{{- if and .noSources (eq (include "pullsecret-sync.isInjected" .context) "true") -}}
{{- $_ := set $own "vault.hashicorp.com/agent-inject" "false" -}}
{{- end -}}
activeDeadlineSeconds: {{ int64 .activeDeadlineSeconds }}
backoffLimit: {{ empty .credentials | ternary (int64 $values.backoffLimit) 0 }}
podFailurePolicy:
  rules:
    - action: FailJob # the configuration is wrong: trying again does not help
      onExitCodes:
        containerName: pullsecret-sync
        operator: In
        values: [78]
template:
  metadata:
    {{- include "pullsecret-sync.podMetadata" (dict "context" .context "own" $own) | nindent 4 }}
  spec:
    {{- include "pullsecret-sync.podSpec" . | nindent 4 }}
{{- end -}}
