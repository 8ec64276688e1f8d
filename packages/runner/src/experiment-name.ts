/** What a run is called where several are compared. */
export interface ExperimentNaming {
  readonly given: string | null | undefined;
  /** The file that the config came from. */
  readonly file: string | undefined;
  readonly timestamp: string;
}

/**
 * The name given, or else that of the config's file without its extension, before the timestamp; without either the timestamp alone.
 * A config that an earlier run has written down is called by a timestamp, which would say nothing.
 */
export function experimentName({ given, file, timestamp }: ExperimentNaming): string {
  const name = given ?? stemOf(file);
  return name === undefined ? timestamp : `${name}_${timestamp}`;
}

function stemOf(file: string | undefined): string | undefined {
  const stem = file
    ?.split(/[/\\]/)
    .at(-1)
    ?.replace(/(?<=.)\.[^.]*$/, '');
  return stem === undefined || stem === '' || /^\d{8}_\d{6}(_\d+)?$/.test(stem) ? undefined : stem;
}
