/** The functions behind workflows, each with the variables that it reads and the calls that it makes, and no more. */
import { Construct } from 'constructs';
import { FunctionFactory, type StageProps } from './function-factory.ts';
import type { ServiceFunction } from './service-function.ts';

export class WorkflowFunctions extends Construct {
  readonly runStep: ServiceFunction;
  readonly undo: ServiceFunction;
  readonly recordExecution: ServiceFunction;
  readonly sweep: ServiceFunction;
  readonly #props: StageProps;
  readonly #factory: FunctionFactory;

  constructor(scope: Construct, id: string, props: StageProps) {
    super(scope, id);
    this.#props = props;
    this.#factory = new FunctionFactory(this, props);
    this.runStep = this.#createRunStep();
    this.undo = this.#createUndo();
    this.recordExecution = this.#createRecordExecution();
    this.sweep = this.#createSweep();
  }

  #createRunStep(): ServiceFunction {
    const { machines, runs } = this.#factory;
    const runStep = this.#calling('run-step', 900);
    this.#factory.mayEndWell(runStep);
    runStep.mayUse(this.#props.registry, ['GetItem']);
    runStep.may(['states:StartExecution'], [machines]);
    runStep.may(['states:DescribeExecution', 'states:RedriveExecution'], [runs]);
    return runStep;
  }

  /** Whatever it ends has failed or was cancelled. */
  #createUndo(): ServiceFunction {
    const undo = this.#calling('undo', 120);
    undo.mayUse(this.#props.registry, ['GetItem']);
    undo.may(['states:GetExecutionHistory'], [this.#factory.runs]);
    return undo;
  }

  #createRecordExecution(): ServiceFunction {
    const recordExecution = this.#factory.createForExecutions('record-execution', {
      timeoutSeconds: 30,
      memoryMb: 512,
    });
    this.#factory.mayEndWell(recordExecution);
    recordExecution.mayUse(this.#props.registry, ['GetItem']);
    recordExecution.may(['states:DescribeExecution', 'states:GetExecutionHistory'], [this.#factory.runs]);
    return recordExecution;
  }

  #createSweep(): ServiceFunction {
    const { machines, runs } = this.#factory;
    const sweep = this.#factory.createForExecutions('sweep', { timeoutSeconds: 120, memoryMb: 512 });
    this.#factory.mayEndWell(sweep);
    sweep.mayUse(this.#props.registry, ['GetItem']);
    sweep.mayQueryIndexes(this.#props.executions, ['gsi1']);
    sweep.mayQueryIndexes(this.#props.instances, ['gsi1']);
    sweep.mayUse(this.#props.instances, ['DeleteItem']);
    sweep.mayUse(this.#props.telemetry, ['Query']);
    sweep.may(['states:StartExecution'], [machines]);
    sweep.may(['states:DescribeExecution', 'states:RedriveExecution', 'states:GetExecutionHistory'], [runs]);
    return sweep;
  }

  /** One that calls services. */
  #calling(name: string, timeoutSeconds: number): ServiceFunction {
    const calling = this.#factory.createForExecutions(name, {
      timeoutSeconds,
      memoryMb: 512,
      calls: true,
    });
    calling.mayUse(this.#props.instances, ['Query', 'DeleteItem']);
    this.#factory.mayChangeInstances(calling);
    return calling;
  }
}
