// Command typed is the peer of init_hooks in Go: a plugin on Velero's framework that injects the seed's init container
// through the typed Pod, as Go plugins for pods do.
package main

import (
	"encoding/json"
	"fmt"

	"github.com/sirupsen/logrus"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	velerov1 "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"github.com/vmware-tanzu/velero/pkg/plugin/framework"
	"github.com/vmware-tanzu/velero/pkg/plugin/velero"
)

const (
	commandAnnotation = "init.hook.restore.velero.io/command"
	imageAnnotation   = "init.hook.restore.velero.io/container-image"
	defaultImage      = "alpine:latest"
)

func main() {
	framework.NewServer().
		BindFlags(pflag.CommandLine).
		RegisterRestoreItemActionV2("peers.example.com/typed", func(log logrus.FieldLogger) (any, error) {
			return &action{log}, nil
		}).
		Serve()
}

type action struct{ log logrus.FieldLogger }

func (a *action) Name() string { return "typed" }

func (a *action) AppliesTo() (velero.ResourceSelector, error) {
	return velero.ResourceSelector{IncludedResources: []string{"pods"}}, nil
}

func (a *action) Execute(input *velero.RestoreItemActionExecuteInput) (*velero.RestoreItemActionExecuteOutput, error) {
	var pod corev1.Pod
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(input.Item.UnstructuredContent(), &pod); err != nil {
		return nil, err
	}
	text, hooked := pod.Annotations[commandAnnotation]
	if !hooked || len(pod.Spec.Containers) == 0 {
		return velero.NewRestoreItemActionExecuteOutput(input.Item), nil
	}
	var command []string
	if err := json.Unmarshal([]byte(text), &command); err != nil {
		return nil, fmt.Errorf("annotation %s: %w", commandAnnotation, err)
	}
	image := pod.Annotations[imageAnnotation]
	if image == "" {
		image = defaultImage
	}
	hook := corev1.Container{
		Name: "velero-restore-init-0", Image: image, Command: command, ImagePullPolicy: corev1.PullIfNotPresent,
		VolumeMounts: pod.Spec.Containers[0].VolumeMounts,
	}
	pod.Spec.InitContainers = append([]corev1.Container{hook}, pod.Spec.InitContainers...)
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&pod)
	if err != nil {
		return nil, err
	}
	a.log.WithField("pod", pod.Namespace+"/"+pod.Name).Info("injected an init container")
	return velero.NewRestoreItemActionExecuteOutput(&unstructured.Unstructured{Object: content}), nil
}

func (a *action) Progress(string, *velerov1.Restore) (velero.OperationProgress, error) {
	return velero.OperationProgress{Completed: true}, nil
}

func (a *action) Cancel(string, *velerov1.Restore) error { return nil }

func (a *action) AreAdditionalItemsReady([]velero.ResourceIdentifier, *velerov1.Restore) (bool, error) {
	return true, nil
}
