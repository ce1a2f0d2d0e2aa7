"""`generated.RestoreItemAction` (version 1) and `v2.RestoreItemAction` over gRPC.

Version 1's messages are those of version 2 without its later fields, so the same code reads and writes both.
"""

from collections.abc import Mapping
from typing import TypeVar

from velero_bridge._go_plugin.handler import Call, Handlers
from velero_bridge._velero import convert
from velero_bridge._velero.boundary import guarded
from velero_bridge._velero.registry import Registry
from velero_bridge._wire import messages as wire
from velero_bridge.action import ExecuteInput, ExecuteOutput, RestoreItemAction, RestoreItemActionV2

ActionT = TypeVar("ActionT", bound=RestoreItemAction)


def restore_item_action(registry: Registry[RestoreItemAction]) -> Handlers:
    """Handlers of version 1."""
    return _handlers(wire.GENERATED_RESTOREITEMACTION, _common_calls(registry, version=1))


def restore_item_action_v2(registry: Registry[RestoreItemActionV2]) -> Handlers:
    """Handlers of version 2."""

    def progress(data: bytes) -> bytes:
        request = wire.RestoreItemActionProgressRequest.decode(data)
        progress = registry.get(request.plugin).progress(request.operation_id, request.restore)
        return wire.RestoreItemActionProgressResponse(progress=convert.progress_to_wire(progress)).encode()

    def cancel(data: bytes) -> bytes:
        request = wire.RestoreItemActionCancelRequest.decode(data)
        registry.get(request.plugin).cancel(request.operation_id, request.restore)
        return wire.GoogleProtobufEmpty().encode()

    def are_additional_items_ready(data: bytes) -> bytes:
        request = wire.RestoreItemActionItemsReadyRequest.decode(data)
        items = convert.identifiers_from_wire(request.additional_items)
        ready = registry.get(request.plugin).are_additional_items_ready(items, request.restore)
        return wire.RestoreItemActionItemsReadyResponse(ready=ready).encode()

    calls = {
        **_common_calls(registry, version=2),
        "Progress": progress,
        "Cancel": cancel,
        "AreAdditionalItemsReady": are_additional_items_ready,
    }
    return _handlers(wire.V2_RESTOREITEMACTION, calls)


def _common_calls(registry: Registry[ActionT], version: int) -> dict[str, Call]:
    def applies_to(data: bytes) -> bytes:
        request = wire.V2RestoreItemActionAppliesToRequest.decode(data)
        selector = convert.selector_to_wire(registry.get(request.plugin).applies_to())
        return wire.V2RestoreItemActionAppliesToResponse(resource_selector=selector).encode()

    def execute(data: bytes) -> bytes:
        request = wire.V2RestoreItemActionExecuteRequest.decode(data)
        action = registry.get(request.plugin)
        output = action.execute(ExecuteInput(request.item, request.item_from_backup, request.restore))
        _check(output, action, version)
        return wire.V2RestoreItemActionExecuteResponse(
            item=request.item if output.updated_item is None else output.updated_item,
            additional_items=convert.identifiers_to_wire(output.additional_items),
            skip_restore=output.skip_restore,
            operation_id=output.operation_id,
            wait_for_additional_items=output.wait_for_additional_items,
            additional_items_ready_timeout=convert.duration_to_wire(output.additional_items_ready_timeout),
        ).encode()

    return {"AppliesTo": applies_to, "Execute": execute}


def _handlers(service: str, calls: Mapping[str, Call]) -> Handlers:
    return {f"/{service}/{method}": guarded(call) for method, call in calls.items()}


def _check(output: object, action: RestoreItemAction, version: int) -> None:
    """What Velero would silently misread is an error of the action, told by its name."""
    if not isinstance(output, ExecuteOutput):
        raise _wrong(action, f"{type(output).__name__}, expected ExecuteOutput")
    item = output.updated_item
    if not (item is None or isinstance(item, bytes)):
        raise _wrong(action, f"an updated_item of {type(item).__name__}, expected bytes of JSON")
    if version == 1 and (output.operation_id or output.wait_for_additional_items):
        raise _wrong(action, "an operation_id or wait_for_additional_items: register it as version 2")


def _wrong(action: RestoreItemAction, answer: str) -> TypeError:
    return TypeError(f"{type(action).__qualname__}.execute answered {answer}")
