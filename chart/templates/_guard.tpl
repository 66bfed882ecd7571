{{/* `true` where the guard is rendered. `auto`: where the cluster serves its API. */}}
{{- define "pullsecret-sync.guardEnabled" -}}
{{- $served := .Capabilities.APIVersions.Has "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy" -}}
{{- eq (toString .Values.guardPolicy.enabled) "auto" | ternary $served .Values.guardPolicy.enabled -}}
{{- end -}}

{{/* Takes (dict "context" $ "part" …): each part is a policy of its own, for one kind of object. */}}
{{- define "pullsecret-sync.guardName" -}}
{{- $limit := sub 62 (len .part) | int -}}
{{- include "pullsecret-sync.cut" (dict "name" (include "pullsecret-sync.clusterName" .context) "limit" $limit) }}-{{ .part }}
{{- end -}}

{{/* The user that a pod's token stands for, as a CEL string. Takes (dict "context" $ "account" …). */}}
{{- define "pullsecret-sync.celUser" -}}
{{- printf "system:serviceaccount:%s:%s" .context.Release.Namespace .account | toJson -}}
{{- end -}}

{{/* The job and the follower are one user, the cleanup is another. */}}
{{- define "pullsecret-sync.celUsers" -}}
{{- $users := list (include "pullsecret-sync.celUser" (dict "context" . "account" (include "pullsecret-sync.serviceAccountName" .))) -}}
{{- if .Values.cleanupOnUninstall -}}
{{- $users = append $users (include "pullsecret-sync.celUser" (dict "context" . "account" (include "pullsecret-sync.cleanupName" .))) -}}
{{- end -}}
[{{ join ", " $users }}]
{{- end -}}

{{/* This release and those that it follows, in CEL: the namespace and the name of each. */}}
{{- define "pullsecret-sync.celReleases" -}}
{{- prepend (.Values.previousReleases | default list) (printf "%s/%s" .Release.Namespace .Release.Name) | toJson -}}
{{- end -}}

{{/*
That two maps are the same but for some keys, in CEL. Takes (dict "new" … "old" … "but" <list of keys>). What Kubernetes may
add to a kind one day is compared too; `dyn`, since a checker of types finds no map in an object.
*/}}
{{- define "pullsecret-sync.celSame" -}}
{{- $but := printf "key in %s" (toJson .but) -}}
dyn({{ .new }}).all(key, {{ $but }} || dyn({{ .old }})[?key] == optional.of(dyn({{ .new }})[key])) &&
dyn({{ .old }}).all(key, {{ $but }} || key in dyn({{ .new }}))
{{- end -}}

{{/* The same for what the API server keeps of every object by itself. */}}
{{- define "pullsecret-sync.celSameMetadata" -}}
{{- $but := concat (list "managedFields" "resourceVersion" "generation") . -}}
{{- include "pullsecret-sync.celSame" (dict "new" "object.metadata" "old" "oldObject.metadata" "but" $but) -}}
{{- end -}}

{{/* What every refusal begins with; job/src/cluster/cluster-error.ts knows the guard by it. */}}
{{- define "pullsecret-sync.guardMessage" -}}
{{- printf "pullsecret-sync never does this (guardPolicy): %s" . | toJson -}}
{{- end -}}

{{/*
What all parts have in common. Takes (dict "context" $ "part" … "component" … "users" … "rules" …). Whoever is none of the
users is asked nothing, and a fault stops nobody else.
*/}}
{{- define "pullsecret-sync.guardHead" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ include "pullsecret-sync.guardName" . }}
  {{- include "pullsecret-sync.metadata" (dict "context" .context "component" .component) | nindent 2 }}
spec:
  failurePolicy: Fail
  matchConstraints: # with its defaults: it is one value for server-side apply, and would differ for the next manager
    matchPolicy: Equivalent
    namespaceSelector: {}
    objectSelector: {}
    resourceRules:
      {{- range .rules }}
      - apiGroups: [{{ .group | quote }}]
        apiVersions: [v1]
        operations: [{{ join ", " .operations }}]
        resources: [{{ .resource }}]
        scope: Namespaced
      {{- end }}
  matchConditions:
    - name: user
      expression: request.userInfo.username in {{ .users }}
{{- end -}}

{{- define "pullsecret-sync.guardBinding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ include "pullsecret-sync.guardName" . }}
  {{- include "pullsecret-sync.metadata" (dict "context" .context "component" .component) | nindent 2 }}
spec:
  policyName: {{ include "pullsecret-sync.guardName" . }}
  validationActions: [Deny]
{{- end -}}
