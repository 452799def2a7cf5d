/** What the engine is asked to create. */
import type { DrivenStart } from '../../../instances/driver.ts';
import type { ContainerSettings } from '../../../registry/services/model/driver.ts';
import { environmentOf, withPort } from '../instance-url.ts';
import type { ContainerSpec } from './container-engine.ts';
import { containerName, labelsOf } from './container-labels.ts';

const bytesPerMegabyte = 1_048_576;
const nanosPerCpu = 1_000_000_000;

/** Output is kept by the engine, and bounded. */
const logs = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } };

export function containerSpec(owner: string, start: DrivenStart, settings: ContainerSettings): ContainerSpec {
  const { image, command, env, port, memoryMb, cpus, stopGraceSeconds } = settings;
  const key = `${port}/tcp`;
  return {
    name: containerName(owner, start),
    Image: image,
    ...(command && { Cmd: command.map((part) => withPort(part, port)) }),
    Env: environmentOf(env, port).map(([name, value]) => `${name}=${value}`),
    Labels: labelsOf(owner, start),
    // Whoever stops it later may not know its settings any more.
    StopTimeout: stopGraceSeconds,
    ExposedPorts: { [key]: {} },
    HostConfig: {
      // An empty port is one that the engine finds free.
      PortBindings: { [key]: [{ HostIp: '127.0.0.1', HostPort: '' }] },
      LogConfig: logs,
      RestartPolicy: { Name: 'no' },
      ...(memoryMb && { Memory: memoryMb * bytesPerMegabyte }),
      ...(cpus && { NanoCpus: Math.round(cpus * nanosPerCpu) }),
    },
  };
}
