// Pause waits until it is told to end. It is the sandbox image of pods and the private image of tests: a program that
// runs anywhere, with no library and no file beside it.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
}
