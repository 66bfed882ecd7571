{{/* Takes (dict "context" $ "target" … "made" …): the names of all Secrets that the chart makes, each with the value it comes from. */}}
{{- define "pullsecret-sync.sourceFaults" -}}
{{- $faults := list -}}
{{- $path := .target.path -}}
{{- $context := .context -}}
{{- $target := .target -}}
{{- if not (or $target.registries $target.dockerConfigJson $target.existingSecrets $target.sourceFiles $target.externalSecret) -}}
{{- $faults = append $faults (printf "there are no credentials to copy: set server, username and password of a registry under %sregistries, give a docker config in %sdockerConfigJson, or name a Secret of this namespace in %sexistingSecrets" $path $path $path) -}}
{{- end -}}
{{- if and (kindIs "string" $target.dockerConfigJson) $target.dockerConfigJson (hasKey (fromJson $target.dockerConfigJson) "Error") -}}
{{- $faults = append $faults (printf "%sdockerConfigJson is not a JSON object: give it the content of a docker config.json, best with --set-file" $path) -}}
{{- end -}}
{{- if contains "\ufffd" (include "pullsecret-sync.wholeConfig" $target) -}}
{{- $faults = append $faults (printf "%sdockerConfigJson is not UTF-8 text: save it as UTF-8; a password of other bytes goes into its \"auth\", in base64" $path) -}}
{{- end -}}
{{- range $target.sourceFiles -}}
{{- if not (hasPrefix "/" .) -}}
{{- $faults = append $faults (printf "%ssourceFiles has a path that is not absolute: begin it with \"/\"" $path) -}}
{{- else if ne (include "pullsecret-sync.isMounted" (dict "context" $context "path" .)) "true" -}}
{{- $faults = append $faults (printf "%ssourceFiles names %s, which no volume holds: mount it with extraVolumes and extraVolumeMounts" $path .) -}}
{{- end -}}
{{- end -}}
{{- with $target.externalSecret -}}
{{- range $field := list "secretStoreRef" "remoteRef" -}}
{{- if not (get $target.externalSecret $field) -}}
{{- $faults = append $faults (printf "%sexternalSecret.%s is missing: an ExternalSecret names its store in secretStoreRef and what to fetch in remoteRef" $path $field) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := .made -}}
{{- if eq $name (toString $target.secretName) -}}
{{- $faults = append $faults (printf "%ssecretName is %s, the Secret that the chart makes from %s: choose another secretName" $path $name $value) -}}
{{- end -}}
{{- if has $name $target.existingSecrets -}}
{{- $faults = append $faults (printf "%sexistingSecrets names %s, the Secret that the chart makes from %s: rename yours, or leave %s empty" $path $name $value $value) -}}
{{- end -}}
{{- end -}}
{{- $faults | toJson -}}
{{- end -}}

{{/*
Takes a target. In a value that is not UTF-8 each byte that is none was replaced by U+FFFD when it came here: it would
arrive as another password.
*/}}
{{- define "pullsecret-sync.registryFaults" -}}
{{- $faults := list -}}
{{- $keys := dict -}}
{{- $in := .path -}}
{{- range $key, $registry := .registries -}}
{{- range $field := list "server" "username" "password" -}}
{{- $path := printf "%sregistries.%s.%s" $in $key $field -}}
{{- $value := get $registry $field -}}
{{- if or (kindIs "invalid" $value) (eq (toString $value) "") -}}
{{- $faults = append $faults (printf "%s is missing: set it, best with --set-literal or quoted in a values file" $path) -}}
{{- else if not (kindIs "string" $value) -}}
{{- $kind := get (dict "float64" "a number" "int64" "a number" "bool" "a boolean" "map" "a map" "slice" "a list") (kindOf $value) -}}
{{- $faults = append $faults (printf "%s is %s and must be a string: use --set-literal, or quote it in the values file" $path $kind) -}}
{{- else if contains "\ufffd" $value -}}
{{- $faults = append $faults (printf "%s is not UTF-8 text: save it as UTF-8, or give a whole config in %sdockerConfigJson, with \"auth\" in base64 of the bytes" $path $in) -}}
{{- else if and (eq $field "username") (contains ":" $value) -}}
{{- $faults = append $faults (printf "%s has a colon in it, which a registry login cannot carry: use a login without one" $path) -}}
{{- else if eq $field "server" -}}
{{- $server := include "pullsecret-sync.server" $value -}}
{{- if not $server -}}
{{- $faults = append $faults (printf "%s is not the name of a registry: use a host such as registry.example.com, with no user, password or query in it" $path) -}}
{{- else if hasKey $keys $server -}}
{{- $faults = append $faults (printf "%sregistries.%s and %sregistries.%s are the same registry, %s: remove one" $in (get $keys $server) $in $key $server) -}}
{{- else -}}
{{- $_ := set $keys $server $key -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if ne (include "pullsecret-sync.isDate" ($registry.expiresAt | default "2000-01-01")) "true" -}}
{{- $faults = append $faults (printf "%sregistries.%s.expiresAt is not a date: write it as \"2027-01-31\"" $in $key) -}}
{{- end -}}
{{- end -}}
{{- $faults | toJson -}}
{{- end -}}

{{/* `true` where the path is in a volume of the job. Takes (dict "context" $ "path" …). */}}
{{- define "pullsecret-sync.isMounted" -}}
{{- $mounted := eq (include "pullsecret-sync.isInjected" .context) "true" -}}
{{- range .context.Values.extraVolumeMounts -}}
{{- $mounted = or $mounted (eq (include "pullsecret-sync.isUnder" (dict "path" $.path "folder" .mountPath)) "true") -}}
{{- end -}}
{{- $mounted -}}
{{- end -}}

{{/* `true` where the text is a day of the calendar: one that comes back the same. */}}
{{- define "pullsecret-sync.isDate" -}}
{{- eq . (dateInZone "2006-01-02" (toDate "2006-01-02Z07:00" (printf "%sZ" .)) "UTC") -}}
{{- end -}}
