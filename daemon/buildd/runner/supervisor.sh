# The supervisor runs in a warm environment and starts its runs, so that no run needs an exec.
#
#   sh supervisor.sh DIRECTORY TOKEN BEFORE
#
# DIRECTORY is the environment's run directory. The host makes the pipes in it; this side only
# opens them. Orders come over the pipe `control`, one per line:
#
#   prepare ID        start a process that waits for a job, and a keeper that waits for the process.
#                     The pipe ID/status gets `started PID` at once. A line over the pipe ID/go
#                     starts the job in the file ID/job; when it ends, ID/status gets `exit STATUS`
#                     and the two lines of `times` (the second is the command's), and closes
#   signal ID PID SIG send a signal to the run's process group
#   sweep ID          kill every process that still has the run's token, in any process group
#   probe ID          show that the container is not being killed
#   reap ID           collect the run's keeper, after ID/status has closed
#
# Answers go over the pipe `events`: `ready PID INTERRUPTIBLE`, `swept ID COUNT`, `probed ID`.
# BEFORE is the token of an earlier supervisor that was killed, or empty: its runs are killed first.
# When the daemon ends, `control` ends: every run is killed, and the supervisor exits.
#
# It needs a POSIX shell, and uses setsid and grep if the image has them (BusyBox is enough).

token=$2
cd "$1" || exit 125
exec 3<control 4>events >/dev/null 2>&1 || exit 125

# The command that starts a new session. Without setsid, signals go to all processes with the token.
own_session=
if command -v setsid >/dev/null 2>&1; then own_session=setsid; fi

# A POSIX shell without job control starts background commands with SIGINT ignored, and commands
# keep it ignored. Job control avoids this: bash allows it without a terminal, dash and BusyBox do
# not. For those, coreutils' env resets the signal. Without either, runs do not receive SIGINT, and
# the daemon begins with SIGTERM.
default_signals=
interruptible=yes
set -m 2>/dev/null
case $- in
*m*) ;;
*)
    default_signals='env --default-signal=INT --default-signal=QUIT'
    if ! $default_signals true 2>/dev/null; then
        default_signals=
        interruptible=no
    fi
    ;;
esac
launch="$own_session $default_signals"

# The script of a process that waits for its job; the command later replaces its shell.
# shellcheck disable=SC2016  # that shell expands it
waiting='echo "started $$" >&4; exec 4>&-; read -r _ <"$0/go" || exit; . "./$0/job"'

# A run's keeper waits for the command, outside its process group, and reports how it ended.
keep() {
    # Read and write: opening does not block if the daemon has just ended.
    exec 3<&- 4<>"$1/status"
    (
        export BUILDD_RUN="$1"
        # shellcheck disable=SC2086  # words on purpose
        exec $launch sh -c "$waiting" "$1"
    )
    echo "exit $?" >&4
    times >&4
}

# Print the processes, except this one, that have the text `$2` in `/proc/PID/$1`.
processes_with() {
    # shellcheck disable=SC2013  # words on purpose: these names have no spaces
    for file in $(grep -ls "$2" /proc/[0-9]*/"$1" 2>/dev/null); do
        process=${file#/proc/}
        process=${process%/*}
        [ "$process" = $$ ] || echo "$process"
    done
}

# Print the processes of the run with the token `$1`.
processes_of() {
    processes_with environ "BUILDD_RUN=$1"
}

# Kill all processes with the token `$1`, and those they just started; count them in `count`.
sweep() {
    count=0
    for _ in 1 2 3 4 5 6 7 8 9; do
        found=
        for process in $(processes_of "$1"); do
            kill -KILL "$process" 2>/dev/null && found=yes && count=$((count + 1))
        done
        [ "$found" ] || break
    done
}

if [ "$3" ]; then
    sweep "run_$3_"
    # The earlier supervisor may still wait for a pipe whose other end is gone.
    for process in $(processes_with cmdline "$3"); do kill -KILL "$process" 2>/dev/null; done
fi
echo "ready $$ $interruptible" >&4
while IFS=' ' read -r order id process signal <&3; do
    case $order in
    prepare)
        keep "$id" &
        eval "keeper_$id=$!"
        ;;
    signal)
        if [ "$own_session" ]; then
            kill "-$signal" "-$process"
        else
            for process in $(processes_of "$id"); do kill "-$signal" "$process"; done
        fi
        ;;
    sweep)
        sweep "$id"
        echo "swept $id $count" >&4
        ;;
    probe)
        # A container that is being killed cannot start a process, even if some still run in it.
        (:) && echo "probed $id" >&4
        ;;
    reap)
        eval "wait \${keeper_$id:-}"
        unset "keeper_$id"
        ;;
    esac
done

sweep "run_${token}_"
