{{/* `true` where the policy is rendered. `auto`: where the cluster serves its API. */}}
{{- define "pullsecret-sync.admissionPolicyEnabled" -}}
{{- $served := .Capabilities.APIVersions.Has "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy" -}}
{{- eq (toString .Values.admissionPolicy.enabled) "auto" | ternary $served .Values.admissionPolicy.enabled -}}
{{- end -}}

{{/*
The names of the copies that a ServiceAccount should refer to, in CEL: for each secret name, the first target that
selects the namespace decides, as in the job. A list of targets, since CEL takes no long chain of conditions.
*/}}
{{- define "pullsecret-sync.celWanted" -}}
{{- $bySecret := dict -}}
{{- range include "pullsecret-sync.targets" . | fromJsonArray -}}
{{- $wants := include "pullsecret-sync.celNamed" (dict "name" "variables.name" "rules" .serviceAccounts) -}}
{{- $target := printf "    {\"selects\": %s, \"wants\": %s}" (include "pullsecret-sync.celSelects" .) $wants -}}
{{- $_ := set $bySecret .secretName (append (get $bySecret .secretName | default list) $target) -}}
{{- end -}}
{{- $lists := list -}}
{{- range $name, $targets := $bySecret -}}
{{- $first := printf "[\n%s\n  ].filter(target, target.selects).map(target, target.wants)" (join ",\n" $targets) -}}
{{- $lists = append $lists (printf "(\n  (%s + [false])[0] ? [%s] : []\n)" $first (toJson $name)) -}}
{{- end -}}
{{- join " + " $lists -}}
{{- end -}}

{{/*
Whether a target selects the namespace, as job/src/plan/selection.ts does, proven by test/support/selection-cases.ts. Takes
a target. A JSON string is a CEL string too, so toJson quotes each value.
*/}}
{{- define "pullsecret-sync.celSelects" -}}
{{- $system := .namespaces.excludeSystem | ternary (list "kube-system" "kube-public" "kube-node-lease" "openshift" "openshift-*") list -}}
{{- $rules := dict "include" .namespaces.include "exclude" (concat .namespaces.exclude $system) -}}
{{- $terms := list (include "pullsecret-sync.celNamed" (dict "name" "request.namespace" "rules" $rules)) -}}
{{- range $key, $value := .namespaces.selector.matchLabels -}}
{{- $terms = append $terms (printf "variables.namespaceLabels[?%s] == optional.of(%s)" (toJson $key) (toJson $value)) -}}
{{- end -}}
{{- range .namespaces.selector.matchExpressions -}}
{{- $terms = append $terms (include "pullsecret-sync.celExpression" .) -}}
{{- end -}}
{{- join " && " $terms -}}
{{- end -}}

{{/* Whether a name is included and not excluded. Takes (dict "name" <CEL> "rules" …). */}}
{{- define "pullsecret-sync.celNamed" -}}
{{- include "pullsecret-sync.celMatches" (dict "name" .name "globs" .rules.include) -}}
{{- if .rules.exclude }} && !{{ include "pullsecret-sync.celMatches" (dict "name" .name "globs" .rules.exclude) }}{{ end -}}
{{- end -}}

{{/* Whether a name fits any of the globs. Takes (dict "name" <CEL> "globs" …). */}}
{{- define "pullsecret-sync.celMatches" -}}
{{- $patterns := list -}}
{{- range .globs -}}
{{- $patterns = append $patterns (regexQuoteMeta . | replace `\*` ".*" | replace `\?` ".") -}}
{{- end -}}
{{- printf "%s.matches(%s)" .name (printf "^(%s)$" (join "|" $patterns) | toJson) -}}
{{- end -}}

{{/* Whether the namespace's labels fit an entry of matchExpressions. Takes the entry. */}}
{{- define "pullsecret-sync.celExpression" -}}
{{- $has := printf "%s in variables.namespaceLabels" (toJson .key) -}}
{{- $in := printf "(%s && variables.namespaceLabels[%s] in %s)" $has (toJson .key) (.values | default list | toJson) -}}
{{- get (dict "In" $in "NotIn" (printf "!%s" $in) "Exists" $has "DoesNotExist" (printf "!(%s)" $has)) .operator -}}
{{- end -}}
