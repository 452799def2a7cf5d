import { ExecutionRegistry } from './execution-registry.ts';
import { memoryJournal } from './journal/journal.ts';
import { parseDefinition } from './asl/parse-definition.ts';
const journalFile = process.argv[2];
const journal = journalFile ? (await (await import('./journal/open-journal.ts')).openJournal(journalFile)).journal : memoryJournal;
const task=(id:string,next?:string)=>({Type:'Task',Resource:'arn:aws:states:::lambda:invoke',TimeoutSeconds:35,Arguments:{FunctionName:'run-step',Payload:{executionId:'{% $states.context.Execution.Name %}',step:id,path:'',attempt:'{% $states.context.State.RetryCount %}',call:{service:'a',tool:'b',arguments:{id:'{% $states.context.Execution.Input.email_id %}'}},timeoutSeconds:30}},Assign:{[id]:'{% $states.result.Payload %}'},Output:next?'{% $states.input %}':"{% {'a': $a, 'b': $b, 'c': $states.result.Payload} %}",...(next?{Next:next}:{End:true})});
const p=parseDefinition(JSON.stringify({QueryLanguage:'JSONata',StartAt:'a',States:{a:task('a','b'),b:task('b','c'),c:task('c')}}));
if(!p.ok) throw new Error(JSON.stringify(p));
let done=0; let finished:()=>void=()=>{}; const all=new Promise<void>(r=>finished=r);
const N=Number(process.env.N??20000), C=Number(process.env.C??64);
let started=0;
const reg=new ExecutionRegistry({journal,invokeFunction:async()=>({payload:{ok:true,value:'x'.repeat(50)}}),onStatusChange:(c)=>{ if(c.status==='RUNNING') return; if(c.status!=='SUCCEEDED') console.log(c); done++; if(done===N) finished(); else if(started<N) start();}});
function start(){const i=started++; reg.start({arn:'arn:'+i,name:'n'+i,machineArn:'m',machineName:'m',roleArn:'r',revisionId:'x',inputText:'{"email_id":"abc"}'},p.program);}
const t=performance.now(); const cpu=process.cpuUsage();
for(let i=0;i<C;i++) start();
await all; const ms=performance.now()-t; const c=process.cpuUsage(cpu);
console.log(N,'executions',(N/ms*1000).toFixed(0),'/s',((c.user+c.system)/N).toFixed(0),'us cpu each', (process.memoryUsage().rss/1e6).toFixed(0),'MB');
process.exit(0);
