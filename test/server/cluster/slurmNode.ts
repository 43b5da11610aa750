import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, totalmem, userInfo } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './programs';

/** Two tasks at a time, whatever the machine has. */
const CPUS = 2;
const TRIES = 500;
const PACE_MS = 100;

/** Slurm with one node on this machine, as the user that runs the test; all its files and its key are in one folder. */
export interface SlurmNode {
  /** What its commands need in their environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves when all jobs have ended. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts munged, slurmctld and slurmd without a service manager. @throws with their logs where they do not come up */
export async function startSlurm(
  folder: string,
  program: (name: string) => string,
  env: NodeJS.ProcessEnv,
): Promise<SlurmNode> {
  const at = (name: string): string => join(folder, name);
  const config = { SLURM_CONF: at('slurm.conf') };
  for (const name of ['state', 'spool']) mkdirSync(at(name), { recursive: true });
  writeFileSync(at('munge.key'), randomBytes(128), { mode: 0o600 });
  writeFileSync(config.SLURM_CONF, slurmConf(at, await freePort(), await freePort()));
  const told = async (name: string, args: readonly string[]): Promise<string> =>
    (await runProgram(program(name), args, { ...env, ...config })).stdout.trim();
  const daemons: ChildProcess[] = [];
  const daemon = (name: string, args: readonly string[]): void => {
    daemons.push(spawn(program(name), args, { env: { ...env, ...config }, stdio: 'ignore' }));
  };
  const stop = async (): Promise<void> => {
    await told('scancel', ['--user', userInfo().username]).catch(() => undefined);
    for (const child of daemons.reverse()) await ended(child);
  };
  try {
    daemon('munged', [
      ...['--foreground', '--force', '--num-threads', '1'],
      ...['key', 'pid', 'log', 'seed'].map((name) => `--${name}-file=${at(`munge.${name}`)}`),
      `--socket=${at('munge.socket')}`,
    ]);
    await until(async () => existsSync(at('munge.socket')));
    daemon('slurmctld', ['-D', '-c']);
    daemon('slurmd', ['-D', '-c']);
    const idle = () => until(async () => (await told('sinfo', ['--noheader', '--format=%T'])) === 'idle');
    await idle();
    return {
      env: config,
      idle: async () => {
        await until(async () => (await told('squeue', ['--noheader'])) === '');
        await idle();
      },
      stop,
    };
  } catch (thrown) {
    await stop();
    const logs = ['munge.log', 'slurmctld.log', 'slurmd.log'].filter((name) => existsSync(at(name)));
    const said = logs.map((name) => `${name}: ${readFileSync(at(name), 'utf8').slice(-2000)}`);
    throw new Error(`Slurm did not start. ${said.join('\n')}`, { cause: thrown });
  }
}

function slurmConf(at: (name: string) => string, port: number, nodePort: number): string {
  const [host = 'localhost'] = hostname().split('.');
  const user = userInfo().username;
  const megabytes = Math.floor((totalmem() / 2 ** 20) * 0.9);
  return `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
AuthInfo=socket=${at('munge.socket')}
SlurmctldPort=${port}
SlurmdPort=${nodePort}
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('slurmd.pid')}
SlurmctldLogFile=${at('slurmctld.log')}
SlurmdLogFile=${at('slurmd.log')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${CPUS} RealMemory=${megabytes} State=UNKNOWN
PartitionName=main Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return address.port;
}

async function until(isThere: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isThere()); tries++) {
    if (tries === TRIES) throw new Error('It does not answer.');
    await new Promise((done) => setTimeout(done, PACE_MS));
  }
}

/** Ends a process, by force after five seconds. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  child.kill('SIGTERM');
  await exit;
  clearTimeout(timer);
}
