// Command host plays the Velero server for plugins under test: it launches them with Velero's own plugin client and is
// driven by JSON lines.
//
//	host server [FLAG...]   reads requests from stdin; FLAGs reach every plugin, as those of "velero server" do
//	host run-plugins        what Velero launches first, for its built-in plugins; this host has none
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/vmware-tanzu/velero/pkg/plugin/framework"
)

func main() {
	role := ""
	if len(os.Args) > 1 {
		role = os.Args[1]
	}
	switch role {
	case "server":
		out := &lines{encoder: json.NewEncoder(os.Stdout)}
		if err := serve(os.Stdin, out); err != nil {
			fmt.Fprintln(os.Stderr, "host:", err)
			os.Exit(1)
		}
	case "run-plugins":
		framework.NewServer().BindFlags(pflag.CommandLine).Serve()
	default:
		fmt.Fprintln(os.Stderr, "usage: host server|run-plugins [FLAG...]")
		os.Exit(2)
	}
}

// lines writes one JSON object a line; requests are answered concurrently.
type lines struct {
	lock    sync.Mutex
	encoder *json.Encoder
}

func (l *lines) write(line any) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if err := l.encoder.Encode(line); err != nil {
		panic(err) // the driver is gone
	}
}

// serve answers each request in a goroutine of its own, so that several can be under way; it returns at the end of input,
// after every plugin process was stopped.
func serve(in io.Reader, out *lines) error {
	s := newServer(out)
	defer s.close()
	var underWay sync.WaitGroup
	defer underWay.Wait()
	requests := json.NewDecoder(in)
	for {
		var r request
		if err := requests.Decode(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("request not understood: %w", err)
		}
		underWay.Add(1)
		go func() {
			defer underWay.Done()
			out.write(s.answer(r))
		}()
	}
}

func (s *server) answer(r request) answer {
	operation, known := s.operations[r.Op]
	if !known {
		return answer{ID: r.ID, Error: describe(fmt.Errorf("unknown op %q", r.Op))}
	}
	begin := time.Now()
	result, err := operation(r)
	took := time.Since(begin).Nanoseconds()
	if err != nil {
		return answer{ID: r.ID, Nanoseconds: took, Error: describe(err)}
	}
	return answer{ID: r.ID, Nanoseconds: took, Result: result}
}
