// Command echo answers every item as it came: what Velero's framework costs in a plugin that does nothing.
package main

import (
	"github.com/sirupsen/logrus"
	"github.com/spf13/pflag"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"github.com/vmware-tanzu/velero/pkg/plugin/framework"
	"github.com/vmware-tanzu/velero/pkg/plugin/velero"
)

func main() {
	framework.NewServer().
		BindFlags(pflag.CommandLine).
		RegisterRestoreItemActionV2("peers.example.com/echo", func(logrus.FieldLogger) (any, error) {
			return action{}, nil
		}).
		Serve()
}

type action struct{}

func (action) Name() string { return "echo" }

func (action) AppliesTo() (velero.ResourceSelector, error) {
	return velero.ResourceSelector{IncludedResources: []string{"pods"}}, nil
}

func (action) Execute(input *velero.RestoreItemActionExecuteInput) (*velero.RestoreItemActionExecuteOutput, error) {
	return velero.NewRestoreItemActionExecuteOutput(input.Item), nil
}

func (action) Progress(string, *velerov1.Restore) (velero.OperationProgress, error) {
	return velero.OperationProgress{Completed: true}, nil
}

func (action) Cancel(string, *velerov1.Restore) error { return nil }

func (action) AreAdditionalItemsReady([]velero.ResourceIdentifier, *velerov1.Restore) (bool, error) {
	return true, nil
}
