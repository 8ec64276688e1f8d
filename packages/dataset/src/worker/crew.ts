import type { HostBatchLike } from '../contract.js';
import { datasetErrors } from '../errors.js';
import type { Iteration } from '../local-batches.js';
import type { SkippedSample } from '../skipped.js';
import { unpackBatch } from './pack.js';
import type { WorkerHandle, WorkerHost, WorkerReport, WorkerStart } from './protocol.js';
import { revivedError } from './wire-error.js';

/** What a {@link Crew} is made of. */
export interface CrewInit {
  readonly host: WorkerHost;
  /** For each worker, what it is told. */
  readonly starts: readonly Omit<WorkerStart, 'current'>[];
  /** Batches each worker makes ahead, at least 1. */
  readonly prefetchFactor: number;
  /** Seconds a batch may take; 0 for ever. */
  readonly timeout: number;
  /** Of the dataset, for messages. */
  readonly name: string;
  /** Is told of damaged samples. */
  onSkipped(skipped: readonly SkippedSample[]): void;
}

interface Task {
  readonly id: number;
  readonly indices: readonly number[];
  readonly worker: Member;
  readonly done: Promise<HostBatchLike | undefined>;
  settle(result: { readonly batch?: HostBatchLike | undefined; readonly error?: Error }): void;
}

/** One worker, and what it has been asked for. */
class Member {
  readonly number: number;
  readonly tasks = new Map<number, Task>();
  handle: WorkerHandle | undefined;
  isReady = false;

  constructor(number: number) {
    this.number = number;
  }
}

/**
 * Workers that make the batches of a loader. Batches come in order, whoever makes them; never more than workers x `prefetchFactor` are
 * under way or waiting, so memory is bounded and slow consumers slow the workers down. A worker that dies ends the crew with an error.
 */
export class Crew {
  readonly #init: CrewInit;
  readonly #members: readonly Member[];
  readonly #current = new Int32Array(new SharedArrayBuffer(4));
  #nextId = 0;
  #failure: Error | undefined;
  #isClosed = false;

  constructor(init: CrewInit) {
    this.#init = init;
    this.#members = init.starts.map((_, i) => new Member(i));
    const current = this.#current.buffer as unknown as SharedArrayBuffer;
    for (const [i, member] of this.#members.entries()) {
      const start = { ...(init.starts[i] as Omit<WorkerStart, 'current'>), current };
      member.handle = init.host.spawn(start, {
        report: (report) => this.#report(member, report),
        died: (how) => this.#fail(this.#death(member, how)),
      });
      member.handle.keepAlive(false);
    }
  }

  /** True when it can make no more batches. */
  get isOver(): boolean {
    return this.#isClosed || this.#failure !== undefined;
  }

  /** One iteration at a time: a new one ends what is still under way for the last. */
  async *batches({ groups, epoch, isOpen }: Iteration): AsyncGenerator<HostBatchLike> {
    const iteration = Atomics.add(this.#current, 0, 1) + 1;
    const ahead: Task[] = [];
    const most = this.#members.length * this.#init.prefetchFactor;
    try {
      while (isOpen() && this.#current[0] === iteration) {
        while (ahead.length < most) {
          const group = groups.next();
          if (group.done === true) break;
          ahead.push(this.#ask({ iteration, epoch, indices: group.value }));
        }
        const task = ahead.shift();
        if (task === undefined) return;
        const batch = await this.#inTime(task);
        if (batch === undefined) return;
        yield batch;
      }
    } finally {
      Atomics.compareExchange(this.#current, 0, iteration, iteration + 1); // what is under way is skipped
    }
  }

  /** Stops the workers; iterations under way end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { tasks } of this.#members) for (const task of tasks.values()) task.settle({});
    await Promise.all(this.#members.map(async ({ handle }) => handle?.terminate()));
  }

  #ask(request: { iteration: number; epoch: number; indices: readonly number[] }): Task {
    const [first, ...others] = this.#members as readonly [Member, ...Member[]];
    const worker = others.reduce((least, member) => (member.tasks.size < least.tasks.size ? member : least), first);
    const id = this.#nextId++;
    let settle: Task['settle'] = () => undefined;
    const done = new Promise<HostBatchLike | undefined>((resolve, reject) => {
      settle = ({ batch, error }) => {
        worker.tasks.delete(id);
        if (worker.tasks.size === 0) worker.handle?.keepAlive(false);
        if (error === undefined) resolve(batch);
        else reject(error);
      };
    });
    done.catch(() => undefined); // reported when its turn comes, if it does
    const task: Task = { id, indices: request.indices, worker, done, settle };
    worker.tasks.set(id, task);
    if (this.#failure !== undefined) task.settle({ error: this.#failure });
    else {
      worker.handle?.keepAlive(true);
      worker.handle?.request({ id, ...request });
    }
    return task;
  }

  #report(member: Member, report: WorkerReport): void {
    if (report.type === 'ready') member.isReady = true;
    else if (report.type === 'failed') this.#fail(revivedError(report.error));
    else {
      const task = member.tasks.get(report.id);
      if (report.type === 'batch') {
        this.#init.onSkipped(report.skipped);
        task?.settle({ batch: unpackBatch(report.batch) as HostBatchLike });
      } else if (report.type === 'error') task?.settle({ error: revivedError(report.error) });
      else task?.settle({});
    }
  }

  /** Everything still asked for fails; the other workers are stopped. */
  #fail(error: Error): void {
    if (this.isOver) return;
    this.#failure = error;
    for (const { tasks } of this.#members) for (const task of [...tasks.values()]) task.settle({ error });
    for (const { handle } of this.#members) void handle?.terminate();
  }

  async #inTime(task: Task): Promise<HostBatchLike | undefined> {
    const { timeout } = this.#init;
    if (timeout === 0) return task.done;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#late(task)), timeout * 1000);
    });
    try {
      return await Promise.race([task.done, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #late(task: Task): Error {
    const error = datasetErrors.WORKER_TIMEOUT({
      subject: this.#init.name,
      expected: `a batch within timeout = ${this.#init.timeout} s`,
      received: `none from worker ${task.worker.number}, which was asked for indices ${shown(task.indices)}`,
      action: 'raise timeout (0 waits for ever), or find out what the dataset waits for with numWorkers: 0',
    });
    this.#fail(error);
    return error;
  }

  #death(member: Member, how: string): Error {
    const [task] = member.tasks.values();
    const doing = !member.isReady
      ? 'while making the dataset'
      : task === undefined
        ? 'while it had nothing to do'
        : `while making the batch of indices ${shown(task.indices)}`;
    return datasetErrors.WORKER_DIED({
      subject: this.#init.name,
      expected: `${this.#members.length} workers that live until the loader is closed`,
      received: `worker ${member.number} ended ${doing}: ${how}`,
      action:
        'look for process.exit and for what needs much memory in dataset and transforms; numWorkers: 0 shows it in this thread',
    });
  }
}

function shown(indices: readonly number[]): string {
  return indices.length > 8 ? `${indices.slice(0, 8).join(', ')}, ... (${indices.length})` : indices.join(', ');
}
