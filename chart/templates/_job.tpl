{{/* The spec of a Job: the schedule's and the hook's are the same but for `args`. Takes (dict "context" $ "args" … "logFormat" …). */}}
{{- define "pullsecret-sync.jobSpec" -}}
{{- $pod := . -}}
{{- with .context -}}
activeDeadlineSeconds: {{ int64 .Values.activeDeadlineSeconds }}
backoffLimit: {{ int64 .Values.backoffLimit }}
podFailurePolicy:
  rules:
    - action: FailJob # the configuration is wrong: trying again does not help
      onExitCodes:
        containerName: pullsecret-sync
        operator: In
        values: [78]
template:
  metadata:
    {{- with .Values.podAnnotations }}
    annotations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    labels:
      {{- mergeOverwrite (include "pullsecret-sync.selectorLabels" . | fromYaml) (.Values.podLabels | default dict) | toYaml | nindent 6 }}
  spec:
    {{- include "pullsecret-sync.podSpec" $pod | nindent 4 }}
{{- end }}
{{- end -}}

{{/*
The pull secrets are the sources and the copy: the source lets the first run start, and a run that starts with a wrong
password goes on once the source is repaired. No user is set: OpenShift assigns one, and the image names its own.
*/}}
{{- define "pullsecret-sync.podSpec" -}}
{{- $args := .args -}}
{{- $logFormat := .logFormat -}}
{{- with .context -}}
serviceAccountName: {{ include "pullsecret-sync.fullname" . }}
automountServiceAccountToken: true
enableServiceLinks: false
restartPolicy: Never
terminationGracePeriodSeconds: 10
imagePullSecrets:
  {{- $target := include "pullsecret-sync.targets" . | fromJsonArray | last }}
  {{- $sources := include "pullsecret-sync.sources" (dict "context" . "target" $target) | fromJsonArray }}
  {{- range concat $sources (list .Values.secretName) (.Values.imagePullSecrets | default list) | uniq }}
  - name: {{ . }}
  {{- end }}
securityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault
containers:
  - name: pullsecret-sync
    image: {{ include "pullsecret-sync.image" . | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    args:
      {{- toYaml $args | nindent 6 }}
    env:
      - name: PULLSECRET_SYNC_CONFIG_MAP
        value: {{ .Release.Namespace }}/{{ include "pullsecret-sync.fullname" . }}
      - name: PULLSECRET_SYNC_LOG_FORMAT
        value: {{ $logFormat }}
    {{- with .Values.resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}
