"""How the lab and each of its pieces are."""

from local_velero import isolation, velero
from local_velero.component import Plan, Report
from local_velero.failure import LabError
from local_velero.inside import Inside
from local_velero.layout import Layout
from local_velero.settings import Settings

LOG_LINES = 8


def ended_message(layout: Layout, name: str) -> str:
    """Say that a component has ended, with its last words."""
    return f"{name} has ended; its log, {layout.logs / (name + '.log')}, says last:\n{last_lines(layout, name)}"


def last_lines(layout: Layout, name: str) -> str:
    """Return the end of a component's log."""
    log = layout.logs / f"{name}.log"
    lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:] if log.exists() else []
    return "\n".join(f"    {line}" for line in lines)


def connect(layout: Layout) -> Inside:
    """Return the running lab; raise LabError when there is none."""
    report = Report.read(layout.report)
    if report is None or not isolation.is_running(layout):
        raise LabError("no lab is running, or it has only just begun: `hack/lab up` starts one")
    return Inside(layout, report)


def complaints(layout: Layout) -> dict[str, str]:
    """Return what is not ready and why; empty when all of the lab is."""
    return {name: complaint for name, (_, complaint) in overview(layout).items() if complaint}


def overview(layout: Layout) -> dict[str, tuple[int, str]]:
    """Return, for each component and then each piece of Velero, its pid (or 0) and why it is not ready."""
    inside, settings = connect(layout), Settings.read(layout)
    pids = isolation.outside_pids(inside.report.supervisor)
    result = {"supervisor": (inside.report.supervisor, inside.report.failure)}
    for component in Plan.read(layout.plan).components:
        started = inside.report.started.get(component.name)
        if started is None:
            result[component.name] = (0, f"not started yet: waits for {', '.join(component.after)}")
        elif started.exit_code is not None:
            result[component.name] = (0, f"has ended with exit code {started.exit_code}")
        else:
            waiting = "" if started.is_ready else f"does not answer at {component.ready} yet"
            result[component.name] = (pids.get(started.pid, 0), waiting)
    if settings is None or not settings.complete:
        result["up"] = (0, "`hack/lab up` has not come to its end: run it again")
    elif not settings.api_only and not any(complaint for _, complaint in result.values()):
        try:
            found = velero.complaints(inside)
        except LabError as error:
            result["kube-apiserver"] = (result["kube-apiserver"][0], str(error))
        else:
            result.update({name: (0, complaint) for name, complaint in found.items()})
    return result


def show(layout: Layout) -> bool:
    """Print a line for each component; return whether all are ready."""
    found = overview(layout)
    for name, (pid, complaint) in found.items():
        print(f"{name:<24} {f'pid {pid}' if pid else '':<12} {complaint or 'ready'}")
        if complaint and (layout.logs / f"{name}.log").exists():
            print(last_lines(layout, name))
    print(f"logs: {layout.logs}")
    return not any(complaint for _, complaint in found.values())
