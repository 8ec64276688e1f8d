import { MemoryStorage } from '@engine/fileio';
import { describe, expect, it } from 'vitest';
import { Canvas } from '../draw/canvas.js';
import { describeVisBackend } from '../testing/index.js';
import { MlflowServer } from './mlflow-server.fixture.js';
import { MLflowVisBackend, type MLflowVisBackendOptions } from './mlflow-vis-backend.js';

const image = Canvas.blank(4, 3, 'red').toImage();
const where = { saveDir: '/work/20261121_101500', experimentName: 'digits_20261121_101500' };
const begin = async (server: MlflowServer, options: MLflowVisBackendOptions = {}) => {
  const backend = new MLflowVisBackend({
    storage: new MemoryStorage(),
    fetch: server.fetch,
    now: () => 5.5,
    ...options,
  });
  await backend.init(where);
  return backend;
};

describeVisBackend('mlflow', () => {
  const server = new MlflowServer();
  return {
    backend: new MLflowVisBackend({ storage: new MemoryStorage(), fetch: server.fetch }),
    saveDir: '/work/run',
    read: () => server.metrics.map(({ key, value }) => `${key} ${value}`).join('\n'),
  };
});

describe('MLflowVisBackend', () => {
  it('makes the experiment and the run, and ends it', async () => {
    const server = new MlflowServer();
    const backend = await begin(server, { expName: "it's mine", tags: { team: 'a' }, params: { seed: '3' } });
    backend.addScalars({ loss: 0.5, 'acc@top1': 1, name: 'x', step: 7 }, 7);
    backend.addScalar('loss', Number.NaN, 8);
    await backend.close();
    expect(server.experiments).toEqual(["it's mine"]);
    expect(server.runs).toMatchObject([{ name: where.experimentName, status: 'FINISHED', end: 5 }]);
    expect(server.runs[0]?.tags).toEqual({ team: 'a', 'engine.workDir': '/work' });
    expect(server.runs[0]?.params).toEqual({ seed: '3' });
    expect(server.metrics).toEqual([
      { key: 'loss', value: 0.5, timestamp: 5, step: 7 },
      { key: 'acc_top1', value: 1, timestamp: 5, step: 7 },
      { key: 'loss', value: 'NaN', timestamp: 5, step: 8 },
    ]);
    expect(backend.runId).toBe('run-0');
  });

  it('sends the config as parameters and as a file, and pictures as files', async () => {
    const server = new MlflowServer();
    const backend = await begin(server, { trackedConfigKeys: ['model', 'hooks'] });
    await backend.addConfig({ model: { depth: 50, sizes: [1, 2] }, modelling: 1, hooks: [{ type: 'A' }, { b: null }] });
    await backend.addImage('val/digit one', image, 9);
    const expected = { 'model.depth': '50', 'model.sizes': '[1,2]', 'hooks.0.type': 'A', 'hooks.1.b': 'null' };
    expect(server.runs[0]?.params).toEqual(expected);
    expect([...server.artifacts.keys()]).toEqual(['0/run-0/config.json', '0/run-0/val/digit%20one_9.png']);
    expect(new TextDecoder().decode(server.artifacts.get('0/run-0/config.json'))).toContain('"modelling": 1');
  });

  it('cuts long values, and sends many parameters and metrics in several requests', async () => {
    const server = new MlflowServer();
    const backend = await begin(server);
    const keys = Array.from({ length: 250 }, (_, i) => [`k${i}`, 'v'.repeat(i === 0 ? 7000 : 1)]);
    await backend.addConfig(Object.fromEntries(keys));
    expect(Object.keys(server.runs[0]?.params ?? {}).length).toBe(250);
    expect(server.runs[0]?.params.k0?.length).toBe(6000);
    for (let step = 0; step < 1500; step += 1) backend.addScalar('x', step, step);
    await backend.close();
    expect(server.metrics.map(({ step }) => step)).toEqual(Array.from({ length: 1500 }, (_, i) => i));
    expect(Math.max(...server.sizes)).toBe(1000);
  });

  it('goes on with the run of the same work dir, without doubled steps', async () => {
    const server = new MlflowServer();
    const first = await begin(server);
    await first.addConfig({ resume: false });
    for (let step = 1; step <= 6; step += 1) first.addScalars({ loss: step }, step);
    await first.close(); // the last checkpoint was that of step 4
    const second = await begin(server, { continueRun: true });
    await second.addConfig({ resume: true, added: 1 });
    expect(server.runs[0]?.status).toBe('RUNNING');
    for (let step = 5; step <= 8; step += 1) second.addScalars({ loss: step }, step);
    await second.close();
    expect(server.runs.length).toBe(1);
    expect(server.metrics.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(server.runs[0]?.params).toEqual({ resume: 'false', added: '1' });
    await begin(server);
    expect(server.runs.length).toBe(2);
    await begin(new MlflowServer(), { continueRun: true });
  });

  it('throws what the server refuses at the next call, once', async () => {
    const server = new MlflowServer();
    const backend = await begin(server);
    server.refuse = { status: 400, text: 'INVALID_PARAMETER_VALUE' };
    backend.addScalar('x', 1, 1);
    await expect(backend.close()).rejects.toThrow('INVALID_PARAMETER_VALUE');
    server.refuse = undefined;
    backend.addScalar('x', 2, 2);
    await backend.close();
    expect(server.metrics.length).toBe(1);
  });

  it('says when the server keeps its files elsewhere, and when there is no run yet', async () => {
    const server = new MlflowServer('file:///mlruns');
    const backend = await begin(server);
    await expect(backend.addImage('x', image, 1)).rejects.toThrow('ENGINE_VISUALIZATION_TRACKER_REFUSED');
    const unused = new MLflowVisBackend({ storage: new MemoryStorage(), fetch: server.fetch });
    expect(() => unused.addScalar('x', 1, 1)).toThrow('ENGINE_VISUALIZATION_NOT_STARTED');
    expect(unused.runId).toBeUndefined();
  });
});

const uri = process.env['MLFLOW_TEST_URI'];

/** `mlflow server --port 5123`, then `MLFLOW_TEST_URI=http://127.0.0.1:5123`. */
describe.skipIf(uri === undefined)('the mlflow server', () => {
  const ask = async (path: string): Promise<unknown> => (await fetch(`${uri}/api/2.0/${path}`)).json();

  it('keeps what a run and its continuation log', async () => {
    const folder = `/work/${crypto.randomUUID()}/run`;
    const options = { storage: new MemoryStorage(), trackingUri: uri ?? '', expName: `engine-${crypto.randomUUID()}` };
    const first = new MLflowVisBackend(options);
    await first.init({ saveDir: folder, experimentName: 'digits' });
    await first.addConfig({ model: { type: 'LeNet5' } });
    first.addScalars({ loss: 0.5, acc: Number.NaN, big: Number.POSITIVE_INFINITY, step: 1 }, 1);
    first.addScalar('loss', 0.25, 2);
    await first.addImage('val/digit', image, 2);
    await first.close();
    const second = new MLflowVisBackend({ ...options, continueRun: true });
    await second.init({ saveDir: folder.replace('/run', '/again'), experimentName: 'other' });
    expect(second.runId).toBe(first.runId);
    await second.addConfig({ model: { type: 'LeNet5' }, resume: true });
    for (const step of [2, 3]) second.addScalar('loss', 1 / 2 ** step, step);
    await second.close();
    const run = `run_id=${first.runId}`;
    const history = await ask(`mlflow/metrics/get-history?${run}&metric_key=loss`);
    expect(history).toMatchObject({ metrics: [{ value: 0.5, step: 1 }, { value: 0.25, step: 2 }, { value: 0.125, step: 3 }] }); // biome-ignore format: short
    expect(await ask(`mlflow/runs/get?${run}`)).toMatchObject({
      run: {
        info: { run_name: 'digits', status: 'FINISHED' },
        data: { params: expect.arrayContaining([{ key: 'resume', value: 'true' }]) },
      },
    });
    expect(await ask(`mlflow/artifacts/list?${run}&path=val`)).toMatchObject({ files: [{ path: 'val/digit_2.png' }] });
  }, 60_000);
});
