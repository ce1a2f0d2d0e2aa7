package main

import (
	"bytes"
	"context"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	hcplugin "github.com/hashicorp/go-plugin"

	"github.com/vmware-tanzu/velero/pkg/plugin/framework"
	"github.com/vmware-tanzu/velero/pkg/plugin/framework/common"
	protov2 "github.com/vmware-tanzu/velero/pkg/plugin/generated/restoreitemaction/v2"
)

// wire is one plugin behind go-plugin and Velero's stubs alone: Velero's client parses every item, so only here can the very
// bytes of an answer, and what came over the stdio service, be seen.
type wire struct {
	client *hcplugin.Client
	plugin *hcplugin.GRPCClient
	stdout bytes.Buffer
	stderr bytes.Buffer
}

type launched struct {
	PID    string `json:"pid"`
	Socket string `json:"socket"`
}

func (w *wire) launch(r request) (any, error) {
	lister := string(common.PluginKindPluginLister)
	w.client = hcplugin.NewClient(&hcplugin.ClientConfig{
		HandshakeConfig:  framework.Handshake(),
		AllowedProtocols: []hcplugin.Protocol{hcplugin.ProtocolGRPC},
		Plugins:          map[string]hcplugin.Plugin{lister: &framework.PluginListerPlugin{}},
		Cmd:              exec.Command(r.Command[0], r.Command[1:]...),
		Logger:           hclog.NewNullLogger(),
		SyncStdout:       &w.stdout,
		SyncStderr:       &w.stderr,
	})
	protocol, err := w.client.Client()
	if err != nil {
		return nil, err
	}
	w.plugin = protocol.(*hcplugin.GRPCClient)
	return launched{PID: w.client.ID(), Socket: w.client.ReattachConfig().Addr.String()}, nil
}

// ping asks the health service, as go-plugin hosts do.
func (w *wire) ping(request) (any, error) {
	return nil, w.plugin.Ping()
}

func (w *wire) execute(r request) (any, error) {
	response, err := protov2.NewRestoreItemActionClient(w.plugin.Conn).Execute(
		context.Background(),
		&protov2.RestoreItemActionExecuteRequest{Plugin: r.Name, Item: r.Bytes, ItemFromBackup: r.Bytes, Restore: r.RestoreBytes},
	)
	if err != nil {
		return nil, err
	}
	return response.Item, nil
}

// kill ends the plugin and answers what the stdio service had carried till then.
func (w *wire) kill(request) (any, error) {
	w.client.Kill()
	return map[string]string{"stdout": w.stdout.String(), "stderr": w.stderr.String()}, nil
}
