import type { CliCommand } from '../../command.js';

export const command: CliCommand = {
  name: 'schema',
  summary: 'print the JSON Schema of a config, for editors',
  configure(target, io) {
    target
      .usage('[config] [options]')
      .description(
        'Prints the JSON Schema of a config with everything that is registered, so that editors complete and check YAML and JSON. Of a config it also knows what its customImports bring.',
      )
      .argument('[config]', 'config whose customImports are registered too')
      .action(async (file: string | undefined) => {
        const { configSchema } = await import('../../config-schema.js');
        io.stdout.write(`${JSON.stringify(await configSchema(file, io.cwd), null, 2)}\n`);
      });
  },
};
