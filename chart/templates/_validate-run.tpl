{{- define "pullsecret-sync.runFaults" -}}
{{- $faults := list -}}
{{- $schedule := trim (.Values.schedule | default "") -}}
{{- if not $schedule -}}
{{- $faults = append $faults "schedule is empty: set five cron fields, such as \"*/5 * * * *\", or suspend: true to pause" -}}
{{- else if regexMatch "^(CRON_)?TZ=" $schedule -}}
{{- $faults = append $faults "schedule has a time zone in it, which Kubernetes does not take: move it to timeZone" -}}
{{- else if not (regexMatch "^(@[a-z]+( .+)?|\\S+(\\s+\\S+){4})$" $schedule) -}}
{{- $faults = append $faults "schedule is not five cron fields: write it as \"*/5 * * * *\", or as a word such as \"@hourly\"" -}}
{{- end -}}
{{- if not (or .Values.serviceAccount.create .Values.serviceAccount.name) -}}
{{- $faults = append $faults "serviceAccount.name is missing: with create: false it says which ServiceAccount the job has" -}}
{{- end -}}
{{- $durations := "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$" -}}
{{- range $value := list "sourceTimeout" "retireAfter" -}}
{{- if not (regexMatch $durations (get $.Values $value)) -}}
{{- $faults = append $faults (printf "%s is not a duration: write it as \"60s\" or \"5m\"" $value) -}}
{{- end -}}
{{- end -}}
{{- if regexMatch $durations .Values.sourceTimeout -}}
{{- if ge (include "pullsecret-sync.seconds" .Values.sourceTimeout | float64) (float64 .Values.activeDeadlineSeconds) -}}
{{- $faults = append $faults "sourceTimeout is not shorter than activeDeadlineSeconds: a run that waits for a source would be ended before it can say which; shorten the one or raise the other" -}}
{{- end -}}
{{- end -}}
{{- range .Values.previousReleases -}}
{{- if not (regexMatch "^[a-z0-9][-a-z0-9]*/[a-z0-9][-a-z0-9.]*$" .) -}}
{{- $faults = append $faults "previousReleases has an entry that is not a release: write it as \"<namespace>/<name>\"" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (not .Values.follow.enabled) -}}
{{- $faults = append $faults "serviceMonitor.enabled has nothing to scrape: set follow.enabled: true, since only the follower has metrics of its own" -}}
{{- end -}}
{{- $faults | toJson -}}
{{- end -}}

{{- define "pullsecret-sync.podFaults" -}}
{{- $faults := list -}}
{{- if regexMatch "@|:[^/]*$" .Values.image.repository -}}
{{- $faults = append $faults "image.repository has a tag or a digest in it: move it to image.tag or image.digest" -}}
{{- end -}}
{{- $own := list "PULLSECRET_SYNC_CONFIG_MAP" "PULLSECRET_SYNC_LOG_FORMAT" -}}
{{- range include "pullsecret-sync.proxy" . | fromYamlArray -}}
{{- $own = append $own .name -}}
{{- end -}}
{{- range .Values.extraEnv -}}
{{- if has .name $own -}}
{{- $faults = append $faults (printf "extraEnv sets %s, which the chart sets itself: remove it there" .name) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.ports) (not .Values.networkPolicy.extraEgress) -}}
{{- $faults = append $faults "networkPolicy.ports and networkPolicy.extraEgress are both empty: the job could not reach the API server; name its port in one of them" -}}
{{- end -}}
{{- $faults | toJson -}}
{{- end -}}

{{/* The seconds of a duration. */}}
{{- define "pullsecret-sync.seconds" -}}
{{- $units := dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 -}}
{{- $seconds := 0.0 -}}
{{- range regexFindAll "[0-9.]+[a-z]+" . -1 -}}
{{- $seconds = addf $seconds (mulf (regexFind "[0-9.]+" . | float64) (get $units (regexFind "[a-z]+" .))) -}}
{{- end -}}
{{- $seconds -}}
{{- end -}}
