/** What is asked of the Docker Engine API, over its socket: Docker, and Podman, which answers it too. */
import Docker, {
  type ContainerCreateOptions,
  type ContainerInfo,
  type ContainerInspectInfo,
} from 'dockerode';
import * as z from 'zod';
import { OrchestratorError } from '../../../base/errors.ts';
import { excerpt } from '../../../transport/answer-text.ts';
import { linesIn } from './container-output.ts';
import { engineError, isMissing, statusOf } from './engine-failure.ts';

const answerMs = 30_000;

export interface ContainerSpec extends ContainerCreateOptions {
  readonly name: string;
  readonly Image: string;
}

export type ContainerEngine = ReturnType<typeof createContainerEngine>;

/** Every call throws the OrchestratorError of `engineError`. */
export function createContainerEngine(socketPath: string) {
  // Without a host: the library would ask the environment for one.
  const quick = new Docker({ socketPath, host: undefined, timeout: answerMs });
  /** For what takes its time: to pull, to stop, to tell. */
  const patient = new Docker({ socketPath, host: undefined });
  const asked = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (thrown) {
      throw engineError(thrown, socketPath);
    }
  };
  const unless = async (answer: Promise<unknown>, isFine: (thrown: unknown) => boolean): Promise<void> => {
    await asked(
      answer.catch((thrown) => {
        if (!isFine(thrown)) throw thrown;
      }),
    );
  };

  const engine = {
    /** Undefined where there is none of that name. */
    inspect: (name: string): Promise<ContainerInspectInfo | undefined> =>
      asked(quick.getContainer(name).inspect().catch(undefinedWhenMissing)),
    /** False where the image is not there. One of that name that is there already is as good as created. */
    async create(spec: ContainerSpec): Promise<boolean> {
      try {
        await quick.createContainer(inBody(spec));
        return true;
      } catch (thrown) {
        // Docker answers 409, Podman 4 answers 500.
        if ((await engine.inspect(spec.name)) !== undefined) return true;
        if (statusOf(thrown) === 404) return false;
        throw engineError(thrown, socketPath);
      }
    },
    start: (name: string): Promise<void> => unless(quick.getContainer(name).start(), isAlready(304)),
    /** Returns when it has ended, after the grace that it was created with at the latest. */
    stop: (name: string): Promise<void> => unless(patient.getContainer(name).stop(), isMissingOr(304)),
    /** 409: it is being removed, or it runs. */
    remove: (name: string): Promise<void> =>
      unless(quick.getContainer(name).remove({ v: true }), isMissingOr(409)),
    /** Those that have all of these labels. */
    list: (label: string[]): Promise<ContainerInfo[]> =>
      asked(quick.listContainers({ all: true, filters: { label } })),
    /** Undefined where there is none of that name. */
    async lastLines(name: string, count: number): Promise<string[] | undefined> {
      const options = { stdout: true, stderr: true, follow: false as const, tail: count };
      const output = await asked(quick.getContainer(name).logs(options).catch(undefinedWhenMissing));
      return output && linesIn(output);
    },
    /** Returns when the image is there. */
    async pull(image: string, abortSignal: AbortSignal): Promise<void> {
      for await (const said of jsonLines(await asked(patient.pull(image, { abortSignal })))) {
        const { error } = Progress.parse(said);
        if (error !== undefined) throw new OrchestratorError('service.rejected', excerpt(error));
      }
    },
    /**
     * Yields the attributes of each container that ends, its labels among them. Ends when the engine ends it. Podman 4 knows
     * no filter for what it calls `die` here, and `died` elsewhere.
     */
    async *exits(label: string, abortSignal: AbortSignal): AsyncGenerator<unknown> {
      const filters = { type: ['container' as const], label: [label] };
      for await (const said of jsonLines(await asked(patient.getEvents({ filters, abortSignal })))) {
        const { Action, Actor } = Event.parse(said);
        if (Action === 'die') yield Actor.Attributes;
      }
    },
  };
  return engine;
}

const Progress = z.object({ error: z.string().optional() });
const Event = z.object({ Action: z.string(), Actor: z.object({ Attributes: z.unknown() }) });

async function* jsonLines(stream: NodeJS.ReadableStream): AsyncGenerator<unknown> {
  let rest = '';
  for await (const piece of stream.setEncoding('utf8')) {
    const lines = (rest + String(piece)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line);
  }
  if (rest.trim() !== '') yield JSON.parse(rest);
}

/** The library would write all of it into the url as well: secrets, and more than a url may have. */
const inBody = ({ name, ...spec }: ContainerSpec): ContainerCreateOptions =>
  Object.assign<ContainerCreateOptions, object>({}, { _query: { name }, _body: spec });

/** What is answered so is as it should be already. */
const isAlready =
  (status: number) =>
  (thrown: unknown): boolean =>
    statusOf(thrown) === status;
const isMissingOr =
  (status: number) =>
  (thrown: unknown): boolean =>
    isMissing(thrown) || statusOf(thrown) === status;

function undefinedWhenMissing(thrown: unknown): undefined {
  if (!isMissing(thrown)) throw thrown;
}
