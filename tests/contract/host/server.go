package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/sirupsen/logrus"

	"github.com/vmware-tanzu/velero/pkg/plugin/clientmgmt"
	"github.com/vmware-tanzu/velero/pkg/plugin/clientmgmt/process"
	"github.com/vmware-tanzu/velero/pkg/plugin/framework"
	"github.com/vmware-tanzu/velero/pkg/plugin/framework/common"
	"github.com/vmware-tanzu/velero/pkg/util/logging"
)

// server holds what a Velero server holds of plugins: a registry for its life, and plugin clients for each restore.
type server struct {
	log        *logrus.Logger
	registry   process.Registry
	operations map[string]func(request) (any, error)

	lock    sync.Mutex
	clients map[string]clientmgmt.Manager
	wire    *wire
}

func newServer(out *lines) *server {
	s := &server{log: newLogger(out), clients: map[string]clientmgmt.Manager{}, wire: &wire{}}
	s.operations = map[string]func(request) (any, error){
		"discover":                s.discover,
		"actions":                 s.actions,
		"appliesTo":               s.appliesTo,
		"execute":                 s.execute,
		"executeMany":             s.executeMany,
		"progress":                s.progress,
		"cancel":                  s.cancel,
		"areAdditionalItemsReady": s.areAdditionalItemsReady,
		"cleanup":                 s.cleanup,
		"wireLaunch":              s.wire.launch,
		"wirePing":                s.wire.ping,
		"wireExecute":             s.wire.execute,
		"wireKill":                s.wire.kill,
	}
	return s
}

// discover does what a Velero server does at its start: it launches everything executable in the folder and asks for its plugins.
func (s *server) discover(r request) (any, error) {
	level, err := logrus.ParseLevel(r.LogLevel)
	if err != nil {
		return nil, err
	}
	s.log.SetLevel(level)
	if r.Velero != "" {
		os.Args[0] = r.Velero
	}
	if r.Mute {
		s.log.Out = io.Discard
	}
	s.registry = process.NewRegistry(r.Dir, s.log, level)
	if err := s.registry.DiscoverPlugins(); err != nil {
		return nil, err
	}
	found := []framework.PluginIdentifier{}
	for _, kind := range common.AllPluginKinds() {
		for _, plugin := range s.registry.List(kind) {
			if !slices.Contains(found, plugin) { // one of kind v1 is listed under v2, too
				found = append(found, plugin)
			}
		}
	}
	return found, nil
}

func (s *server) clientsFor(r request) (clientmgmt.Manager, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.registry == nil {
		return nil, errors.New("no plugins known: discover them first")
	}
	clients, known := s.clients[r.Clients]
	if !known {
		clients = clientmgmt.NewManager(s.log, s.log.Level, s.registry)
		s.clients[r.Clients] = clients
	}
	return clients, nil
}

// cleanup ends the plugin processes of a restore, as Velero does after it.
func (s *server) cleanup(r request) (any, error) {
	clients, err := s.clientsFor(r)
	if err != nil {
		return nil, err
	}
	clients.CleanupClients()
	s.lock.Lock()
	defer s.lock.Unlock()
	delete(s.clients, r.Clients)
	return nil, nil
}

func (s *server) close() {
	for _, clients := range s.clients {
		clients.CleanupClients()
	}
	if s.wire.client != nil {
		s.wire.client.Kill()
	}
}

// newLogger is Velero's own logger with its hooks, written as {"log": ...} among the answers.
func newLogger(out *lines) *logrus.Logger {
	log := logging.DefaultLogger(logrus.InfoLevel, logging.FormatText)
	log.Formatter = &logrus.JSONFormatter{}
	log.Out = logWriter{out}
	return log
}

type logWriter struct{ out *lines }

func (w logWriter) Write(line []byte) (int, error) {
	w.out.write(map[string]json.RawMessage{"log": line})
	return len(line), nil
}
