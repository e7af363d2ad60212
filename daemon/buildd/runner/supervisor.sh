# The supervisor: lives in a warm environment and starts its runs, so that none pays for an exec.
#
#   sh supervisor.sh DIRECTORY TOKEN BEFORE
#
# DIRECTORY is the environment's run directory. The host makes the pipes in it; this side only
# opens them. Orders come over the pipe `control`, a line each:
#
#   prepare ID        make a process that waits for a job, with a keeper that tells how it ends.
#                     News goes over the pipe ID/status: `started PID`; then, once a line over the
#                     pipe ID/go has had it do what the file ID/job says, `exit STATUS` and the two
#                     lines of `times` (the second is the command's); then the pipe closes
#   signal ID PID SIG send a signal to the run's process group
#   sweep ID          kill whatever still carries the run's token, wherever it fled
#   probe ID          prove that the container is not just being killed
#   reap ID           collect the run's keeper, once ID/status has closed
#
# Answers go over the pipe `events`: `ready PID INTERRUPTIBLE`, `swept ID COUNT`, `probed ID`.
# What the supervisor with the token BEFORE started, if that was killed, is ended first.
# When the daemon goes, `control` ends: every run is killed, and the supervisor leaves.
#
# POSIX shell, with setsid and grep where the image has them (BusyBox counts).

token=$2
cd "$1" || exit 125
exec 3<control 4>events >/dev/null 2>&1 || exit 125

# What puts a command into a session of its own. Without setsid, signals go by the token alone.
own_session=
if command -v setsid >/dev/null 2>&1; then own_session=setsid; fi

# POSIX has a shell without job control start background commands with SIGINT ignored, and a
# command cannot tell that from a wish. Job control avoids it; bash grants it without a terminal,
# dash and BusyBox do not, and there coreutils' env undoes it. Failing both, runs do not hear
# SIGINT, and the daemon begins with SIGTERM.
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

# What a process does that waits for its job: it is the shell that the command replaces.
# shellcheck disable=SC2016  # for that shell
waiting='echo "started $$" >&4; exec 4>&-; read -r _ <"$0/go" || exit; . "./$0/job"'

# A run's keeper waits for the command, outside its process group, and tells how it ended.
keep() {
    # Read and write: opening does not wait for a daemon that has just gone.
    exec 3<&- 4<>"$1/status"
    (
        export BUILDD_RUN="$1"
        # shellcheck disable=SC2086  # words on purpose
        exec $launch sh -c "$waiting" "$1"
    )
    echo "exit $?" >&4
    times >&4
}

# The processes, but not this one, that have the text `$2` in `/proc/PID/$1`.
having() {
    # shellcheck disable=SC2013  # words on purpose: these names have no spaces
    for file in $(grep -ls "$2" /proc/[0-9]*/"$1" 2>/dev/null); do
        process=${file#/proc/}
        process=${process%/*}
        [ "$process" = $$ ] || echo "$process"
    done
}

# Those that carry the token `$1` in their environment.
carriers() {
    having environ "BUILDD_RUN=$1"
}

# Kill all that carry the token `$1`, and what those had just started; count them in `count`.
sweep() {
    count=0
    for _ in 1 2 3 4 5 6 7 8 9; do
        found=
        for process in $(carriers "$1"); do
            kill -KILL "$process" 2>/dev/null && found=yes && count=$((count + 1))
        done
        [ "$found" ] || break
    done
}

if [ "$3" ]; then
    sweep "run_$3_"
    # It may wait for ever itself, for a pipe whose other end has gone.
    for process in $(having cmdline "$3"); do kill -KILL "$process" 2>/dev/null; done
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
            for process in $(carriers "$id"); do kill "-$signal" "$process"; done
        fi
        ;;
    sweep)
        sweep "$id"
        echo "swept $id $count" >&4
        ;;
    probe)
        # A container that is being killed starts no process more, whoever in it still lives.
        (:) && echo "probed $id" >&4
        ;;
    reap)
        eval "wait \${keeper_$id:-}"
        unset "keeper_$id"
        ;;
    esac
done

sweep "run_${token}_"
