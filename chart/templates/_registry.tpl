{{/*
The one spelling of a registry, as job/src/credentials/registry-host.ts has it: Docker Hub under any of its names is
https://index.docker.io/v1/, other hosts lose the scheme, slashes at the end and an API version. Empty where the text
is no registry. Takes the text.
*/}}
{{- define "pullsecret-sync.server" -}}
{{- $trimmed := trim . -}}
{{- $text := regexReplaceAll "(?i)^https?://" $trimmed "" -}}
{{- $segments := splitList "/" $text -}}
{{- $host := first $segments | lower -}}
{{- $path := regexReplaceAll "^v[12](/|$)" (rest $segments | compact | join "/") "" -}}
{{- $name := regexMatch `^[a-z0-9*?[\]_-]+(\.[a-z0-9*?[\]_-]+)*(:\d{1,5})?$` $host -}}
{{- $ipv6 := regexMatch `^\[[0-9a-f:.]+\](:\d{1,5})?$` $host -}}
{{- $hubNames := list "docker.io" "www.docker.io" "index.docker.io" "registry-1.docker.io" "hub.docker.com" "registry.hub.docker.com" -}}
{{- $writable := and (regexMatch "^[!-~]*$" $trimmed) (le (len $trimmed) 512) -}}
{{- $inImages := or (regexMatch "[.:*]" $host) (eq $host "localhost") -}}
{{- if and $writable $inImages (or $name $ipv6) (not (regexMatch `[:@?#%\\]` $path)) -}}
{{- if not (has $host $hubNames) -}}
{{- compact (list $host $path) | join "/" -}}
{{- else if $path -}}
{{- printf "docker.io/%s" $path -}}
{{- else -}}
https://index.docker.io/v1/
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The docker config of a target's `registries`. Only toJson and b64enc carry every password as it is. */}}
{{- define "pullsecret-sync.dockerConfig" -}}
{{- $auths := dict -}}
{{- range .registries -}}
{{- $entry := dict "username" .username "password" .password "auth" (printf "%s:%s" .username .password | b64enc) -}}
{{- with .email -}}
{{- $_ := set $entry "email" . -}}
{{- end -}}
{{- $_ := set $auths (include "pullsecret-sync.server" .server) $entry -}}
{{- end -}}
{{- dict "auths" $auths | toJson -}}
{{- end -}}

{{/* The content of the Secret that the chart makes from a target's `dockerConfigJson`. Takes the target. */}}
{{- define "pullsecret-sync.wholeConfig" -}}
{{- kindIs "string" .dockerConfigJson | ternary .dockerConfigJson (toJson .dockerConfigJson) -}}
{{- end -}}
