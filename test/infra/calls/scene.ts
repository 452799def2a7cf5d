/** What the scenarios play with: the system, and one service that does as it is told. */
import { awaitStatus, type Status, workflowIdOf } from '../../system/clients.ts';
import { startScriptedMcp } from '../../system/scripted-mcp.ts';
import { type RecordedSystem, startRecordedSystem } from './recorded-system.ts';

export interface Scene {
  readonly system: RecordedSystem;
  /** Of the service that does as it is told. */
  readonly makerUrl: string;
  /** What is named so fails. */
  readonly broken: Set<unknown>;
  /** What is named so answers when this resolves, or what it gives. */
  readonly held: Map<unknown, Promise<void> | (() => Promise<void>)>;
  /** What the service did, as in `make a`. */
  readonly done: string[];
  /** Throws when the definition is refused. */
  define(name: string, steps: readonly object[], more?: object): Promise<void>;
  start(workflow: string): Promise<string>;
  /** The status when it has ended, or when `wanted` holds. */
  status(id: string, wanted?: (status: Status) => boolean): Promise<Status>;
  /** Ends well or badly, but as it is said. */
  ends(id: string, as: string): Promise<void>;
  /** Throws what the operation answers when that is an error. */
  ask(operation: string, input?: Record<string, unknown>): Promise<void>;
  /** Throws unless the operation answers with this code. */
  askInVain(operation: string, input: Record<string, unknown>, code: string): Promise<void>;
  close(): Promise<void>;
}

export async function openScene(): Promise<Scene> {
  const broken = new Set<unknown>();
  const held: Scene['held'] = new Map();
  const done: string[] = [];
  const service = await startScriptedMcp(['make', 'unmake'], async ({ tool, arguments: { name } }) => {
    const holding = held.get(name);
    await (typeof holding === 'function' ? holding() : holding);
    if (broken.has(name)) throw new Error(`${name} is broken`);
    done.push(`${tool} ${name}`);
    return name === 'large' ? { text: 'x'.repeat(120_000) } : { made: name };
  });
  const system = await startRecordedSystem();
  const { door } = system;
  const ask: Scene['ask'] = async (operation, input) => {
    const { code, body } = await door(operation, input);
    if (code !== undefined) throw new Error(`${operation}: ${JSON.stringify(body)}`);
  };
  const askInVain: Scene['askInVain'] = async (operation, input, wanted) => {
    const { code } = await door(operation, input);
    if (code !== wanted) throw new Error(`${operation} answered ${code} instead of ${wanted}`);
  };
  await ask('register_service', { name: 'maker', version: '1.0.0', transport: 'mcp', url: service.url });
  const status: Scene['status'] = (id, wanted) => awaitStatus(door, id, wanted);
  return {
    system,
    makerUrl: service.url,
    broken,
    held,
    done,
    define: (name, steps, more = {}) => ask('define_workflow', { name, steps, ...more }),
    start: async (workflow) => workflowIdOf(await door('start_workflow', { workflow, input: {} })),
    status,
    async ends(id, as) {
      const ended = await status(id);
      if (ended.status === as) return;
      throw new Error(`${id} ended as ${ended.status} instead of ${as}: ${JSON.stringify(ended)}`);
    },
    ask,
    askInVain,
    async close() {
      await system.close();
      await service.close();
    },
  };
}

/** Waits until something holds; throws after 15 s, which are of the machine whatever time passes here. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`it did not happen within 15 s: ${holds}`);
}
