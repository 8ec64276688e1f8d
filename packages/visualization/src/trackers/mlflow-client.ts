import { visualizationErrors } from '../errors.js';
import { type Fetch, send } from './send.js';

export interface MlflowMetric {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
}

/** A run as the server knows it. */
export interface MlflowRun {
  readonly id: string;
  readonly artifactUri: string;
  /** The largest step of each metric. */
  readonly steps: ReadonlyMap<string, number>;
  /** Names of the parameters, which cannot be changed. */
  readonly params: ReadonlySet<string>;
}

interface RunJson {
  readonly info: { readonly run_id: string; readonly artifact_uri: string };
  readonly data?: {
    readonly metrics?: readonly { readonly key: string; readonly step?: number | string }[];
    readonly params?: readonly { readonly key: string }[];
  };
}

const SUBJECT = 'MLflowVisBackend';
/** The server takes so many of a kind in one request. */
const LIMITS = { metrics: 1000, params: 100 };

/** The calls of MLflow's REST API 2.0 that a run needs. All may throw what {@link send} throws. */
export class MlflowClient {
  readonly #uri: string;
  readonly #fetch: Fetch;

  constructor(uri: string, fetch: Fetch) {
    this.#uri = uri.replace(/\/+$/, '');
    this.#fetch = fetch;
  }

  /** The id of an experiment, made where there is none of this name. */
  async experiment(name: string, artifactLocation: string | undefined): Promise<string> {
    const all = { filter: `name = '${name.replaceAll("'", "\\'")}'`, max_results: 1 };
    const { experiments = [] } = await this.#post<{ experiments?: { experiment_id: string }[] }>(
      'experiments/search',
      all,
    );
    if (experiments[0] !== undefined) return experiments[0].experiment_id;
    const made = { name, artifact_location: artifactLocation };
    return (await this.#post<{ experiment_id: string }>('experiments/create', made)).experiment_id;
  }

  async createRun(
    experiment: string,
    { name, tags, time }: { name: string; tags: Readonly<Record<string, string>>; time: number },
  ): Promise<MlflowRun> {
    const { run } = await this.#post<{ run: RunJson }>('runs/create', {
      experiment_id: experiment,
      run_name: name,
      start_time: time,
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
    return runOf(run);
  }

  /** The newest run of an experiment with a tag. */
  async findRun(experiment: string, tag: string, value: string): Promise<MlflowRun | undefined> {
    const { runs = [] } = await this.#post<{ runs?: RunJson[] }>('runs/search', {
      experiment_ids: [experiment],
      filter: `tags.\`${tag}\` = '${value.replaceAll("'", "\\'")}'`,
      order_by: ['attributes.start_time DESC'],
      max_results: 1,
    });
    return runs[0] && runOf(runs[0]);
  }

  async log(
    run: MlflowRun,
    {
      metrics = [],
      params = [],
    }: { metrics?: readonly MlflowMetric[]; params?: readonly (readonly [string, string])[] },
  ): Promise<void> {
    for (let at = 0; at < metrics.length; at += LIMITS.metrics) {
      const part = metrics.slice(at, at + LIMITS.metrics);
      await this.#post('runs/log-batch', {
        run_id: run.id,
        metrics: part.map((each) => ({ ...each, value: wire(each.value) })),
      });
    }
    for (let at = 0; at < params.length; at += LIMITS.params) {
      const part = params.slice(at, at + LIMITS.params).map(([key, value]) => ({ key, value }));
      await this.#post('runs/log-batch', { run_id: run.id, params: part });
    }
  }

  async update(run: MlflowRun, status: 'RUNNING' | 'FINISHED', endTime?: number): Promise<void> {
    await this.#post('runs/update', { run_id: run.id, status, end_time: endTime });
  }

  /** Stores a file with the run. @throws `ENGINE_VISUALIZATION_TRACKER_REFUSED` where the server does not take files for others */
  async putArtifact(run: MlflowRun, path: string, content: Uint8Array): Promise<void> {
    const [, folder] = /^mlflow-artifacts:\/*(.*)$/.exec(run.artifactUri) ?? [];
    if (folder === undefined) {
      throw visualizationErrors.TRACKER_REFUSED({
        subject: SUBJECT,
        expected: 'a server that stores files (mlflow server --artifacts-destination)',
        received: `artifacts at ${run.artifactUri}`,
        action: 'start the server so, make a new experiment, and log to that',
      });
    }
    const url = `${this.#uri}/api/2.0/mlflow-artifacts/artifacts/${folder}/${path.split('/').map(encodeURIComponent).join('/')}`;
    await send(SUBJECT, this.#fetch, url, { method: 'PUT', body: Uint8Array.from(content) });
  }

  async #post<T>(call: string, body: object): Promise<T> {
    const answer = await send(SUBJECT, this.#fetch, `${this.#uri}/api/2.0/mlflow/${call}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as T;
  }
}

function runOf({ info, data }: RunJson): MlflowRun {
  return {
    id: info.run_id,
    artifactUri: info.artifact_uri,
    steps: new Map(data?.metrics?.map(({ key, step = 0 }) => [key, Number(step)])),
    params: new Set(data?.params?.map(({ key }) => key)),
  };
}

/** JSON has no word for what is not finite; the server takes these texts. */
const wire = (value: number): number | string => (Number.isFinite(value) ? value : String(value));
