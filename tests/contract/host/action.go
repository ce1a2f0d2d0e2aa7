package main

import (
	"runtime"
	"time"

	"github.com/vmware-tanzu/velero/pkg/plugin/framework/common"
	"github.com/vmware-tanzu/velero/pkg/plugin/velero"
	riav2 "github.com/vmware-tanzu/velero/pkg/plugin/velero/restoreitemaction/v2"
)

// restoreItemAction is what the first and the second version of the interface have in common.
type restoreItemAction interface {
	AppliesTo() (velero.ResourceSelector, error)
	Execute(*velero.RestoreItemActionExecuteInput) (*velero.RestoreItemActionExecuteOutput, error)
}

// action asks for the plugin as a v1 action only when the request says so; a restore asks for v2.
func (s *server) action(r request) (restoreItemAction, error) {
	if common.PluginKind(r.Kind) != common.PluginKindRestoreItemAction {
		return s.actionV2(r)
	}
	clients, err := s.clientsFor(r)
	if err != nil {
		return nil, err
	}
	return clients.GetRestoreItemAction(r.Name)
}

func (s *server) actionV2(r request) (riav2.RestoreItemAction, error) {
	clients, err := s.clientsFor(r)
	if err != nil {
		return nil, err
	}
	return clients.GetRestoreItemActionV2(r.Name)
}

// actions answers the names of all actions a restore would run, in their order.
func (s *server) actions(r request) (any, error) {
	clients, err := s.clientsFor(r)
	if err != nil {
		return nil, err
	}
	actions, err := clients.GetRestoreItemActionsV2()
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, action := range actions {
		names = append(names, action.Name())
	}
	return names, nil
}

func (s *server) appliesTo(r request) (any, error) {
	action, err := s.action(r)
	if err != nil {
		return nil, err
	}
	return action.AppliesTo()
}

func (s *server) execute(r request) (any, error) {
	action, err := s.action(r)
	if err != nil {
		return nil, err
	}
	return action.Execute(&velero.RestoreItemActionExecuteInput{
		Item: r.Item, ItemFromBackup: r.ItemFromBackup, Restore: r.Restore,
	})
}

// executeMany answers how many nanoseconds each of a number of calls took, without the time that requests to this host take.
func (s *server) executeMany(r request) (any, error) {
	action, err := s.action(r)
	if err != nil {
		return nil, err
	}
	input := &velero.RestoreItemActionExecuteInput{Item: r.Item, ItemFromBackup: r.ItemFromBackup, Restore: r.Restore}
	took := make([]int64, r.Count)
	runtime.GC() // what the request left behind is not part of the calls
	for i := range took {
		begin := time.Now()
		if _, err := action.Execute(input); err != nil {
			return nil, err
		}
		took[i] = time.Since(begin).Nanoseconds()
	}
	return took, nil
}

func (s *server) progress(r request) (any, error) {
	action, err := s.actionV2(r)
	if err != nil {
		return nil, err
	}
	return action.Progress(r.OperationID, r.Restore)
}

func (s *server) cancel(r request) (any, error) {
	action, err := s.actionV2(r)
	if err != nil {
		return nil, err
	}
	return nil, action.Cancel(r.OperationID, r.Restore)
}

func (s *server) areAdditionalItemsReady(r request) (any, error) {
	action, err := s.actionV2(r)
	if err != nil {
		return nil, err
	}
	return action.AreAdditionalItemsReady(r.AdditionalItems, r.Restore)
}
