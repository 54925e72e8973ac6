import { runScenario, mbit } from './scenario.ts';
import { model } from '../../src/core/congestion/model.ts';
let n=0; let t0=0;
const make=(s:any)=>{ const id=n++; const m:any=model(s); if(id===0) t0=s.now; return { get window(){return m.window}, get pacingRate(){return m.pacingRate}, onSent(x:any){m.onSent(x)}, onLost(x:any){ m.onLost(x)}, onSpurious(x:any){ m.onSpurious(x)}, onAcked(x:any){ m.onAcked(x); if(x.isRoundOver) console.log((x.now%1e6).toFixed(0), id, 'held',x.held.toFixed(1),'rtt',x.rtt?.toFixed(1),'rate',x.rate&&(x.rate*8/1e6).toFixed(1),x.isAppLimited?'APP':'','win',m.window.toFixed(0),m.debug,'pace',(m.pacingRate*8/1e6).toFixed(1)); } } };
const o={mode:'fast3' as const,stream:true,sendWindow:65535,receiveWindow:65535,controller:make};
runScenario({ line:{rate:mbit(100), rtt:50, buffer:{bdp:1}}, flows:[{kind:'session', options:o},{kind:'session', options:o,startAt:5}], seconds:20});
