module pullsecret-sync/tools/pause

go 1.26

tool pullsecret-sync/tools/pause
