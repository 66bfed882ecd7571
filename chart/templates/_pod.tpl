{{/*
Takes (dict "context" $ "component" … "annotations" … "own" …): `annotations` are what the values say of this pod alone, `own`
those of the chart.
*/}}
{{- define "pullsecret-sync.podMetadata" -}}
{{- $values := .context.Values -}}
{{- $labels := include "pullsecret-sync.selectorLabels" .context | fromYaml -}}
{{- with .component -}}
{{- $_ := set $labels "app.kubernetes.io/component" . -}}
{{- end -}}
{{- with mergeOverwrite (dict) ($values.commonAnnotations | default dict) ($values.podAnnotations | default dict) (.annotations | default dict) (.own | default dict) -}}
annotations:
  {{- toYaml . | nindent 2 }}
{{ end -}}
labels:
  {{- mergeOverwrite (dict) ($values.commonLabels | default dict) ($values.podLabels | default dict) $labels | toYaml | nindent 2 }}
{{- end -}}

{{/*
Takes (dict "context" $ "args" … "logFormat" … "serviceAccountName" …). With "credentials", which are {secret, folder}, the
pod reads that Secret in that folder, pulls with it too, and has no token. With "noSources" it reads no sources. Of a pod
that stays: "restartPolicy", "resources", and "serves", the port of its metrics and its health.
*/}}
{{- define "pullsecret-sync.podSpec" -}}
{{- $values := .context.Values -}}
serviceAccountName: {{ .serviceAccountName }}
automountServiceAccountToken: {{ empty .credentials }}
enableServiceLinks: false
restartPolicy: {{ .restartPolicy | default "Never" }}
terminationGracePeriodSeconds: {{ int64 $values.terminationGracePeriodSeconds }}
imagePullSecrets:
  {{- with .credentials }}
  - name: {{ .secret }}
  {{- end }}
  {{- include "pullsecret-sync.podPullSecrets" .context | trim | nindent 2 }}
{{- with $values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - {{ include "pullsecret-sync.container" . | nindent 4 | trim }}
{{- range $field := list "priorityClassName" "runtimeClassName" "schedulerName" "dnsPolicy" }}
{{- with get $values $field }}
{{ $field }}: {{ . | quote }}
{{- end }}
{{- end }}
{{- $volumes := (include "pullsecret-sync.extraVolumes" . | fromJson).volumes -}}
{{- with .credentials -}}
{{- $volumes = prepend $volumes (dict "name" "verify" "secret" (dict "secretName" .secret)) -}}
{{- end -}}
{{- $lists := dict "volumes" $volumes -}}
{{- range $field := list "affinity" "dnsConfig" "hostAliases" "nodeSelector" "tolerations" "topologySpreadConstraints" }}
{{- $_ := set $lists $field (get $values $field) -}}
{{- end }}
{{- range $field, $value := $lists }}
{{- with $value }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
The sources and the copy: a source lets the first run start, and a run that starts with a wrong password goes on once the
source is repaired.
*/}}
{{- define "pullsecret-sync.podPullSecrets" -}}
{{- $target := include "pullsecret-sync.targets" . | fromJsonArray | last -}}
{{- $names := include "pullsecret-sync.sourceSecrets" (dict "context" . "target" $target) | fromJsonArray -}}
{{- $global := (.Values.global | default dict).imagePullSecrets -}}
{{- range concat $names (list .Values.secretName) (.Values.imagePullSecrets | default list) ($global | default list) | uniq }}
- name: {{ . }}
{{- end }}
{{- end -}}

{{/* Takes what podSpec takes. */}}
{{- define "pullsecret-sync.container" -}}
{{- $values := .context.Values -}}
name: pullsecret-sync
image: {{ include "pullsecret-sync.image" .context | quote }}
imagePullPolicy: {{ $values.image.pullPolicy }}
args:
  {{- toYaml .args | nindent 2 }}
env:
  - name: PULLSECRET_SYNC_CONFIG_MAP
    value: {{ .context.Release.Namespace }}/{{ include "pullsecret-sync.fullname" .context }}
  - name: PULLSECRET_SYNC_LOG_FORMAT
    value: {{ .logFormat }}
  {{- with include "pullsecret-sync.proxy" .context | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- with $values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .serves }}
ports:
  - name: metrics
    containerPort: {{ int64 . }}
livenessProbe:
  httpGet:
    path: /healthz
    port: metrics
  periodSeconds: 30
  timeoutSeconds: 5
readinessProbe:
  httpGet:
    path: /readyz
    port: metrics
  periodSeconds: 5
  timeoutSeconds: 5
{{- end }}
{{- with .resources | default $values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $mounts := (include "pullsecret-sync.extraVolumes" . | fromJson).mounts }}
{{- with .credentials }}
{{- $mounts = prepend $mounts (dict "name" "verify" "mountPath" .folder "readOnly" true) }}
{{- end }}
{{- with $mounts }}
volumeMounts:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/*
The further volumes and mounts, as JSON. A pod that reads no sources has none that holds a source: a vault that is down, or
that does not know the pod's ServiceAccount, must not keep it from starting. Takes what podSpec takes.
*/}}
{{- define "pullsecret-sync.extraVolumes" -}}
{{- $values := .context.Values -}}
{{- $files := list -}}
{{- if .noSources -}}
{{- range include "pullsecret-sync.targets" .context | fromJsonArray -}}
{{- $files = concat $files (.sourceFiles | default list) -}}
{{- end -}}
{{- end -}}
{{- $mounts := list -}}
{{- $kept := list -}}
{{- $left := list -}}
{{- range $mount := $values.extraVolumeMounts -}}
{{- $holds := false -}}
{{- range $files -}}
{{- $holds = or $holds (eq (include "pullsecret-sync.isUnder" (dict "path" . "folder" $mount.mountPath)) "true") -}}
{{- end -}}
{{- if $holds -}}
{{- $left = append $left .name -}}
{{- else -}}
{{- $mounts = append $mounts . -}}
{{- $kept = append $kept .name -}}
{{- end -}}
{{- end -}}
{{- $volumes := list -}}
{{- range $values.extraVolumes -}}
{{- if or (has .name $kept) (not (has .name $left)) -}}
{{- $volumes = append $volumes . -}}
{{- end -}}
{{- end -}}
{{- dict "volumes" $volumes "mounts" $mounts | toJson -}}
{{- end -}}

{{/* Whether a path is that of a mount, or under it. Takes (dict "path" … "folder" …). */}}
{{- define "pullsecret-sync.isUnder" -}}
{{- hasPrefix (printf "%s/" (trimSuffix "/" .folder)) (printf "%s/" .path) -}}
{{- end -}}

{{/* Whether Vault's agent is injected into the pods. */}}
{{- define "pullsecret-sync.isInjected" -}}
{{- eq (get (.Values.podAnnotations | default dict) "vault.hashicorp.com/agent-inject" | toString) "true" -}}
{{- end -}}

{{/* Kubernetes puts the address of the API server into each container, so it is known here by its variable. */}}
{{- define "pullsecret-sync.proxy" -}}
{{- $values := .Values.proxy | default dict -}}
{{- $variables := dict "HTTP_PROXY" $values.http "HTTPS_PROXY" $values.https -}}
{{- if or $values.http $values.https -}}
{{- $direct := list "$(KUBERNETES_SERVICE_HOST)" "kubernetes.default.svc" "localhost" "127.0.0.1" -}}
{{- $_ := set $variables "NO_PROXY" (append $direct $values.noProxy | compact | join ",") -}}
{{- end -}}
{{- range $name, $value := $variables }}
{{- with $value }}
- name: {{ $name }}
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- end -}}
