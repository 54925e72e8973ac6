import { runScenario, mbit } from './scenario.ts';
const [rate='20', rtt='50', loss='0', controller='model', bdp='1', seconds='30', from='' , cubicAt=''] = process.argv.slice(2);
const t=performance.now();
const flows:any[] = [{kind:'session', options: {mode:'fast3', stream:true, sendWindow:65535, receiveWindow:65535, ...(controller!=='none' && {controller})}}];
if(cubicAt) flows.push({kind:'cubic', startAt:Number(cubicAt)});
const r = runScenario({ line:{rate:mbit(Number(rate)), rtt:Number(rtt), buffer:{bdp:Number(bdp)}, loss:Number(loss)}, flows, seconds:Number(seconds), ...(from && {measureFrom:Number(from)}), interval: 1000});
for (const f of r.flows) { const {rates, srtts, ...rest} = (f as any); delete rest.latencies; console.log(JSON.stringify({...rest, series: undefined}, (k,v)=>typeof v==='number'?Number(v.toPrecision(4)):v)); }
console.log(JSON.stringify({...r, flows: undefined, line: (r as any).line && {...(r as any).line, series: undefined, queues: undefined}}, (k,v)=>typeof v==='number'?Number(v.toPrecision(4)):Array.isArray(v)?v.slice(0,40).map((x:any)=>Number(x?.toPrecision?.(3))):v), ((performance.now()-t)/1000).toFixed(1)+'s');
