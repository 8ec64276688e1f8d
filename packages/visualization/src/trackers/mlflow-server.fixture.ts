import type { Fetch } from './send.js';

interface Run {
  readonly name: string;
  status: string;
  end?: number;
  readonly tags: Record<string, string>;
  readonly params: Record<string, string>;
}

interface Metric {
  readonly key: string;
  readonly value: number | string;
  readonly timestamp: number;
  readonly step: number;
}

type Pairs = readonly { readonly key: string; readonly value: string }[];

/** The part of MLflow's server that the backend talks to, in memory: one experiment at a time, answers as the real one gives them. */
export class MlflowServer {
  readonly experiments: string[] = [];
  readonly runs: Run[] = [];
  readonly metrics: Metric[] = [];
  readonly artifacts = new Map<string, Uint8Array>();
  /** How many metrics came in each request. */
  readonly sizes: number[] = [];
  refuse: { readonly status: number; readonly text: string } | undefined;
  readonly #artifactRoot: string;

  constructor(artifactRoot = 'mlflow-artifacts:/0') {
    this.#artifactRoot = artifactRoot;
  }

  readonly fetch: Fetch = async (url, { method, body }) => {
    if (this.refuse !== undefined) return new Response(this.refuse.text, { status: this.refuse.status });
    const path = new URL(url).pathname;
    if (method === 'PUT') {
      this.artifacts.set(path.replace('/api/2.0/mlflow-artifacts/artifacts/', ''), body as Uint8Array);
      return Response.json({});
    }
    const json = JSON.parse(body as string) as Record<string, unknown>;
    return Response.json(this.#answer(path.replace('/api/2.0/mlflow/', ''), json));
  };

  #answer(call: string, json: Record<string, unknown>): object {
    switch (call) {
      case 'experiments/search':
        return this.experiments.length === 0 ? {} : { experiments: [{ experiment_id: '0' }] };
      case 'experiments/create':
        this.experiments.push(json.name as string);
        return { experiment_id: '0' };
      case 'runs/create':
        this.runs.push({ name: json.run_name as string, status: 'RUNNING', tags: record(json.tags), params: {} });
        return { run: this.#run(this.runs.length - 1) };
      case 'runs/search':
        return this.runs.length === 0 ? {} : { runs: [this.#run(this.runs.length - 1)] };
      case 'runs/update':
        Object.assign(this.#runOf(json), { status: json.status, end: json.end_time });
        return {};
      default:
        return this.#log(json);
    }
  }

  #log(json: Record<string, unknown>): object {
    const { metrics = [], params } = json as { metrics?: Metric[]; params?: Pairs };
    this.metrics.push(...metrics);
    this.sizes.push(metrics.length);
    Object.assign(this.#runOf(json).params, record(params));
    return {};
  }

  #runOf(json: Record<string, unknown>): Run {
    const unknown = { name: '', status: 'UNKNOWN', tags: {}, params: {} };
    return this.runs[Number(String(json.run_id).slice(4))] ?? unknown;
  }

  #run(index: number): object {
    const steps = new Map(this.metrics.map(({ key, step }) => [key, step]));
    return {
      info: { run_id: `run-${index}`, artifact_uri: `${this.#artifactRoot}/run-${index}` },
      data: {
        metrics: [...steps].map(([key, step]) => ({ key, step })),
        params: Object.keys(this.runs[index]?.params ?? {}).map((key) => ({ key })),
      },
    };
  }
}

const record = (pairs: unknown): Record<string, string> =>
  Object.fromEntries(((pairs ?? []) as Pairs).map(({ key, value }) => [key, value]));
