import { cliErrors } from '../errors.js';

/** Twice the size of the SVG, for today's screens and papers. */
const SCALE = 2;

/** Draws an SVG document as PNG, by `@resvg/resvg-js`, an optional package. @throws `ENGINE_CLI_NO_PNG` */
export async function pngOf(
  svg: string,
  load = (): Promise<unknown> => import('@resvg/resvg-js'),
): Promise<Uint8Array> {
  const module = (await load().catch((cause: unknown) => {
    throw cliErrors.NO_PNG({
      subject: '--out',
      expected: 'the package @resvg/resvg-js, which draws PNG files',
      received: cause instanceof Error ? (cause.message.split('\n')[0] as string) : String(cause),
      action: 'npm i @resvg/resvg-js, or give a file that ends in .svg',
      cause,
    });
  })) as typeof import('@resvg/resvg-js');
  const options = { fitTo: { mode: 'zoom', value: SCALE }, font: { loadSystemFonts: true } } as const;
  return new module.Resvg(svg, options).render().asPng();
}
