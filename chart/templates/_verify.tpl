{{/* off, warn or enforce: YAML 1.1, which Helm reads, takes a bare `off` for false. */}}
{{- define "pullsecret-sync.verifyCredentials" -}}
{{- kindIs "bool" .Values.verifyCredentials | ternary "off" .Values.verifyCredentials -}}
{{- end -}}

{{/* The name of the hook's Secret; of its Job too, but for dots. */}}
{{- define "pullsecret-sync.verifyName" -}}
{{- include "pullsecret-sync.cut" (dict "name" (include "pullsecret-sync.fullname" .) "limit" 56) }}-verify
{{- end -}}

{{/*
The docker configs that this release puts into Secrets of its own, as a JSON list of {target, secretName, files}; files
are {name, content} in base64, and a later one wins. Where the cluster holds all of them already there is nothing to try,
and the list is empty; `helm template` and a dry run on the client ask no cluster.
*/}}
{{- define "pullsecret-sync.newCredentials" -}}
{{- $targets := list -}}
{{- $isNew := false -}}
{{- range $target := include "pullsecret-sync.targets" . | fromJsonArray -}}
{{- $contents := dict -}}
{{- if .dockerConfigJson -}}
{{- $_ := set $contents "dockerConfigJson" (include "pullsecret-sync.wholeConfig" . | b64enc) -}}
{{- end -}}
{{- if .registries -}}
{{- $_ := set $contents "registries" (include "pullsecret-sync.dockerConfig" . | b64enc) -}}
{{- end -}}
{{- $secrets := include "pullsecret-sync.ownSources" (dict "context" $ "target" .) | fromJson -}}
{{- $files := list -}}
{{- range $value, $content := $contents -}}
{{- $secret := lookup "v1" "Secret" $.Release.Namespace (get $secrets $value) -}}
{{- $isNew = or $isNew (ne (dig "data" ".dockerconfigjson" "" $secret) $content) -}}
{{- $files = append $files (dict "name" (printf "%s.%s" $target.name $value) "content" $content) -}}
{{- end -}}
{{- if $files -}}
{{- $targets = append $targets (dict "target" .name "secretName" .secretName "files" $files) -}}
{{- end -}}
{{- end -}}
{{- $isNew | ternary $targets list | toJson -}}
{{- end -}}
