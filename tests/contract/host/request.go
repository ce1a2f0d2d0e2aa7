package main

import (
	"github.com/sirupsen/logrus"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"github.com/vmware-tanzu/velero/pkg/plugin/velero"
	"github.com/vmware-tanzu/velero/pkg/util/logging"
)

// request holds the parameters of every operation; each reads its own.
type request struct {
	ID int    `json:"id"`
	Op string `json:"op"`

	// discover
	Dir      string `json:"dir"`
	LogLevel string `json:"logLevel"`
	Velero   string `json:"velero"` // the executable whose run-plugins is launched first; this host when empty
	Mute     bool   `json:"mute"`   // format log lines, as Velero does, but answer without them

	// Velero has one set of plugin processes for each backup and restore; this names it.
	Clients string `json:"clients"`

	// RestoreItemAction
	Kind            string                      `json:"kind"`
	Name            string                      `json:"name"`
	Item            *unstructured.Unstructured  `json:"item"`
	ItemFromBackup  *unstructured.Unstructured  `json:"itemFromBackup"`
	Restore         *velerov1.Restore           `json:"restore"`
	OperationID     string                      `json:"operationID"`
	AdditionalItems []velero.ResourceIdentifier `json:"additionalItems"`
	Count           int                         `json:"count"`

	// go-plugin alone
	Command      []string `json:"command"`
	Bytes        []byte   `json:"bytes"`
	RestoreBytes []byte   `json:"restoreBytes"`
}

type answer struct {
	ID          int        `json:"id"`
	Nanoseconds int64      `json:"ns"`
	Result      any        `json:"result,omitempty"`
	Error       *errorLine `json:"error,omitempty"`
}

// errorLine is an error as Velero would log it.
type errorLine struct {
	Message  string `json:"message"`
	File     any    `json:"file,omitempty"`
	Function any    `json:"function,omitempty"`
}

func describe(err error) *errorLine {
	if err == nil {
		return nil
	}
	entry := logrus.NewEntry(nil).WithError(err)
	if hookErr := (&logging.ErrorLocationHook{}).Fire(entry); hookErr != nil {
		panic(hookErr)
	}
	return &errorLine{Message: err.Error(), File: entry.Data["error.file"], Function: entry.Data["error.function"]}
}
