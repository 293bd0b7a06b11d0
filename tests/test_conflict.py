"""Disagreements between statements: what is one, what only looks like one, and how they are told."""

import itertools
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.conflict import find_conflicts
from qa.records import Citation, Conflict, ConflictCheck


def cite(sentence: str, article: str, *, published: str | None = None, score: float = 0.8) -> Citation:
    """A citation of a whole sentence that opens its article."""
    end = len(sentence)
    return Citation(
        article, None, None, published, f"{article}.txt", 0, end, sentence, sentence, 0, end, score
    )


def conflicts(question: str, *sentences: str, published: str | None = "2026-07-03") -> tuple[Conflict, ...]:
    """The conflicts between sentences of as many articles."""
    statements = [cite(text, f"article{n}", published=published) for n, text in enumerate(sentences)]
    return find_conflicts(question, statements, {})[0]


DISAGREE = [
    # money
    ("How large is Northwind's order backlog?", "Northwind's order backlog has reached 10 trillion won.", "Northwind's order backlog stands at 12 trillion won, the company said.", "number"),
    ("How much did Orbital pay for Lumen?", "Orbital bought Lumen for $3.2 billion in March.", "Orbital paid $4 billion to acquire Lumen, people close to the deal said.", "number"),
    ("What was the inflation rate in May?", "The inflation rate rose to 3.2% in May.", "The inflation rate stood at 4.1 percent in May, the statistics office reported.", "number"),
    ("How many jobs will Fenwick cut?", "Fenwick will cut 1,200 jobs in Europe.", "Fenwick will cut more than 2,000 jobs in Europe, unions said.", "number"),
    ("What share of Halden does Prisma own?", "Prisma owns 18 percent of Halden.", "Prisma owns about a third of the shares of Halden.", "number"),
    ("How much was the fine for Tarn Bank?", "Tarn Bank was fined €350m by the regulator.", "The regulator fined Tarn Bank €530 million on Monday.", "number"),
    ("When did Orbital complete the takeover of Lumen?", "Orbital completed the takeover of Lumen on 3 July 2026.", "Orbital completed the takeover of Lumen in June 2026.", "date"),
    ("Has Orbital agreed to buy Lumen?", "Orbital has agreed to buy Lumen.", "Orbital is considering a bid to buy Lumen, according to two people.", "certainty"),
    ("Has Prisma sold its stake in Halden?", "Prisma has sold its stake in Halden to a Swiss fund.", "The sale of Prisma's stake in Halden has not been confirmed.", "certainty"),
    # sport
    ("What was the score of the final?", "Ajax won the final 3-1 against Porto.", "Ajax beat Porto 2-1 in the final.", "number"),
    ("How many people watched the final in Lisbon?", "The final in Lisbon was watched by 48,000 people.", "More than 60,000 people watched the final in Lisbon.", "number"),
    ("When does the Alpine Cup start?", "The Alpine Cup starts on 12 August 2026.", "The Alpine Cup starts in September 2026.", "date"),
    ("Will Marta Ruiz leave Valencia?", "Marta Ruiz will leave Valencia after the season.", "Marta Ruiz could leave Valencia after the season.", "certainty"),
    ("Has Marta Ruiz signed for Lyon?", "Marta Ruiz has signed for Lyon.", "Marta Ruiz is in talks to sign for Lyon.", "certainty"),
    ("How tall is Ivan Petrov?", "Ivan Petrov is 1.98 metres tall.", "Ivan Petrov, the centre, is 2.05 metres tall.", "number"),
    # health
    ("How many people were infected on the Aurora?", "On the Aurora, 140 people were infected with the virus.", "About 210 people were infected with the virus on the Aurora.", "number"),
    ("How effective is the vaccine, what percentage?", "The vaccine is 94 percent effective against severe disease.", "The vaccine proved 71 percent effective against severe disease.", "number"),
    ("How many patients took part in the Zeta trial?", "The Zeta trial enrolled 1,500 patients, who took part for a year.", "Only 900 patients took part in the Zeta trial.", "number"),
    ("When was Zetamab approved in Canada?", "Zetamab was approved in Canada in March 2025.", "Zetamab was approved in Canada on 14 May 2025.", "date"),
    ("Has the agency approved Zetamab?", "The agency has approved Zetamab for children.", "The agency is reviewing whether Zetamab can be approved for children.", "certainty"),
    ("Is Clinica Norte closing its emergency ward?", "Clinica Norte is closing its emergency ward.", "Clinica Norte denied that it is closing its emergency ward.", "certainty"),
    ("How long does treatment with Zetamab last?", "Treatment with Zetamab lasts six months.", "Treatment with Zetamab lasts two years.", "number"),
    # politics
    ("How many people were killed in the Kandor quake?", "The quake in Kandor killed 23 people, police said.", "At least 40 people were killed in the Kandor quake.", "number"),
    ("How many troops will Norland send?", "Norland will send 5,000 troops to the border.", "Norland will send about 8,000 soldiers to the border.", "number"),
    ("What was the turnout in the Norland election?", "The turnout in the Norland election was 61 percent.", "Turnout reached 74% in the Norland election.", "number"),
    ("When will Norland vote?", "Norland will vote on 6 September 2026.", "Norland will vote in October 2026.", "date"),
    ("When did Minister Hale resign?", "Minister Hale resigned on Monday, 1 June 2026.", "Minister Hale resigned on 4 June 2026.", "date"),
    ("Has Norland signed the treaty?", "Norland has signed the treaty.", "Norland plans to sign the treaty.", "certainty"),
    ("Did Hale meet Orsini?", "Hale met Orsini in Geneva.", "Reports that Hale met Orsini are unconfirmed.", "certainty"),
    ("By when will Norland close its coal plants?", "Norland will close its coal plants by 2030.", "Norland will close its coal plants in 2035.", "date"),
    # technology
    ("How many parameters does Polar-3 have?", "Polar-3 has 70 billion parameters.", "Polar-3 has 120 billion parameters.", "number"),
    ("How large is the Meridian data center?", "The Meridian data center has a capacity of 5 GW.", "The Meridian data center has a capacity of 800 megawatts.", "number"),
    ("When was the Vela phone released?", "The Vela phone was released on June 24, 2026.", "The Vela phone was released on May 2, 2026.", "date"),
    ("Is Anthropic using Samsung's 2nm process to develop chips?", "Earlier in the day, there were reports that American artificial intelligence startup Anthropic is also using Samsung's 2-nanometer process to develop ASIC chips.", "Anthropic is also evaluating the use of Samsung's 2nm process to develop AI chips.", "certainty"),
    ("Is Anthropic using Samsung's 2nm process?", "Earlier in the day, there were reports that American artificial intelligence startup Anthropic is also using Samsung's 2-nanometer process to develop ASIC chips.", "Anthropic is considering utilizing the 2-nanometer (nm) manufacturing process and advanced packaging facilities of Samsung Electronics' foundry division.", "certainty"),
    ("Is Anthropic in talks with Samsung about manufacturing?", "Anthropic has begun early-stage work on developing its own AI chips and is in talks with Samsung Electronics as a potential manufacturing partner, the U.S. IT news outlet The Information reported on July 2 (local time), citing multiple sources.", "Claims that Anthropic has contacted Samsung regarding manufacturing collaboration are not well supported by publicly verifiable information.", "certainty"),
    ("Has Samsung received orders from Meta?", "Samsung receives 10 trillion won OEM orders from Meta", "Meta is advancing collaboration with Samsung, with related orders potentially exceeding 10 trillion Korean won.", "certainty"),
    ("How long did the design of Jalapeño take?", "The design of Jalapeño took about 9 months.", "The design of Jalapeño took two years.", "number"),
    # written after the rules, and missed or taken wrongly by their first form
    ("How many people attended the rally in Porto Novo?","Organisers put the crowd at the rally in Porto Novo at 30,000.","Police estimated that 8,000 people attended the rally in Porto Novo.","number"),
    ("What is the price of the Halo 3 headset?","The Halo 3 headset costs $499.","Prices for the Halo 3 headset start at $649.","number"),
    ("How fast was Amara Diallo in the 100 metres final?","Amara Diallo won the 100 metres final in 10.82 seconds.","Amara Diallo crossed the line of the final in 10.91 seconds.","number"),
    ("When did the volcano on Isla Roja erupt?","The volcano on Isla Roja erupted on 14 March 2026.","On Isla Roja the volcano erupted on March 16, 2026.","date"),
    ("Has Corvo Air ordered the new jets?","Corvo Air has ordered 40 of the new jets.","Corvo Air is weighing whether to order the new jets, its chief said.","certainty"),
    ("What percentage of patients responded to Lirivan?","In the study, 62 percent of patients responded to Lirivan.","Only 41% of patients responded to Lirivan.","number"),
    ("When will the Trento tunnel open?","The Trento tunnel will open in spring 2028.","The Trento tunnel will open by the end of 2026.","date"),
    ("Did Senator Boyle receive money from Delcor?","Senator Boyle received money from Delcor in 2024.","Senator Boyle has denied receiving money from Delcor.","certainty"),
    ("How big is the army of Estova?","The army of Estova has 25,000 soldiers.","Estova's army numbers 40,000 troops.","number"),
    ("How much will the stadium in Leiden cost?","The stadium in Leiden will cost 90 million euros.","The cost of the stadium in Leiden has risen to €140 million.","number"),
    ("How large is Samsung's foundry order backlog expected to be?", "Industry sources indicate that Samsung's foundry long-term backlog orders are expected to approach 50 trillion Korean won, with Meta advancing collaboration with Samsung to design and produce next-generation AI ASICs, with related orders potentially exceeding 10 trillion Korean won.", "The current order backlog of Samsung's foundry business has reached approximately 70 trillion won, and operating profits are expected to be achieved in the fourth quarter of this year.", "number"),
    ("How much did Veltro raise in its funding round?","Veltro raised $120 million in the funding round.","Veltro has raised more than $200 million in its latest funding round.","number"),
    ("What is the unemployment rate in Sarland?","Unemployment in Sarland stands at 6.1 percent.","Sarland's unemployment rate is 7.4%.","number"),
    ("When was the Bruma bridge finished?","The Bruma bridge was finished in 1931.","Workers finished the Bruma bridge in 1936.","date"),
    ("How many votes did Ana Keller receive?","Ana Keller received 51,200 votes.","Ana Keller got 48,900 votes, the commission announced.","number"),
    ("Has Tomas Erik injured his knee?","Tomas Erik has injured his knee.","It has not been confirmed that Tomas Erik injured his knee.","certainty"),
    ("Is Brightwell buying Oakline?","Brightwell is buying Oakline for $2 billion.","Brightwell is in early talks to buy Oakline.","certainty"),
    ("How many beds does the Sarland hospital have?","The Sarland hospital has 420 beds.","With 310 beds, the hospital in Sarland is the smallest of its kind.","number"),
    ("How heavy is the Atlas rover?","The Atlas rover weighs 185 kg.","The Atlas rover has a mass of 230 kilograms.","number"),
    ("When will the Vesta mission launch?","The Vesta mission will launch in October 2026.","Vesta is scheduled for launch in March 2027.","date"),
    ("How long is the new Sarland railway?","The new Sarland railway is 84 km long.","At 120 kilometres, the new railway of Sarland is the longest in the region.","number"),
    ("Did the court convict Mayor Lunt?","The court convicted Mayor Lunt on Friday.","Mayor Lunt may be convicted by the court next month.","certainty"),
    ("How many trees were felled in Holm forest?","In Holm forest 600 trees were felled for the road.","The road builders felled 1,100 trees in Holm forest.","number"),
    ("When did the strike at Delta Port begin?","The strike at Delta Port began on 2 May 2026.","At Delta Port the strike began on May 9, 2026.","date"),
    ("How many countries signed the Lund accord?","The Lund accord was signed by 31 countries.","So far 24 countries have signed the Lund accord.","number"),
    ("Is Nordbank merging with Aria?","Nordbank is merging with Aria.","Nordbank has denied that it is merging with Aria.","certainty"),
    ("What is the capacity of the Rhea battery?","The Rhea battery has a capacity of 90 kWh.","With a capacity of 75 kWh, the Rhea battery is small.","number"),
    ("Has Maya Chen retired?","Maya Chen has retired from tennis.","Maya Chen is considering retiring from tennis.","certainty"),
    ("What was the magnitude of the Ketal earthquake?","The Ketal earthquake had a magnitude of 6.4.","The earthquake in Ketal reached a magnitude of 7.1.","number"),
    ("When will Lira Bank publish its results?","Lira Bank will publish its results on 5 August 2026.","Lira Bank publishes its results on 12 August 2026.","date"),
    # one amount, reached or only expected
    # yes against no
    ("Has Northwind received the navy's order?", "Northwind has received the order from the navy.", "Northwind has not received the order from the navy.", "polarity"),
    ("Did the senate approve the harbour bill?", "The senate approved the harbour bill on Monday.", "The senate did not approve the harbour bill.", "polarity"),
    ("What became of the harbour bill?", "The senate approved the harbour bill on Monday.", "The senate did not approve the harbour bill on Monday.", "polarity"),
    ("How large is Northwind's order backlog expected to be?", "Northwind's order backlog is expected to approach 50 trillion won.", "Northwind's order backlog has reached about 50 trillion won, and profits are expected next year.", "certainty"),
    ("How much has the Harbour Fund raised?", "The Harbour Fund has raised 40 million euros.", "The Harbour Fund is expected to raise 40 million euros.", "certainty"),
]  # fmt: skip

# Disagreements that the rules miss, each for want of a shared verb or noun: known, for the learned part to find.
MISSED = [
    ("How many goals did Rosa Lind score this season?", "Rosa Lind scored 23 goals this season.", "Rosa Lind ends this season with 27 goals."),
    ("How many households lost power in Storm Gerda?", "Storm Gerda left 120,000 households without power.", "Some 300,000 households lost power in Storm Gerda, the grid operator said."),
    ("How many passengers were on board the Sirius ferry?", "The Sirius ferry carried 312 passengers, the coast guard said.", "There were 450 passengers on board the Sirius ferry."),
    ("How much is Erik Voss paid?", "Erik Voss is paid $4.5 million a year.", "Erik Voss earns $6 million a year, according to the annual report."),
    ("How many children are in the Dune school?", "The Dune school has 240 children.", "Dune school has 310 pupils."),
]  # fmt: skip
# Statements that agree and are taken for a disagreement.
FALSE_ALARMS = [
    ("When was the Bruma bridge finished?", "The Bruma bridge was finished in 1931.", "The Bruma bridge was damaged in 1944 and finished its life in 1960."),
]  # fmt: skip

AGREE = [
    # one amount, reached and expected, of different times or things
    ("How large is the output of the Torvik dam?", "The output of the Torvik dam has reached 5 GW this year.", "The output of the Torvik dam is expected to reach 5 GW again in 2030."),
    ("How much has the Harbour Fund raised?", "The Harbour Fund has raised 40 million euros.", "The Meadow Fund is expected to raise 40 million euros."),
    ("How much has the Harbour Fund raised?", "The Harbour Fund has raised 40 million euros.", "The Harbour Fund is expected to spend 40 million euros."),
    ("Has the Harbour Fund bought the mill?", "The Harbour Fund has raised 40 million euros.", "The Harbour Fund is expected to raise 40 million euros."),
    # rounding, comparators, approximation
    ("How many people work at Fenwick?", "About 4,500 people work at Fenwick.", "Fenwick has 4,512 people at work in six countries."),
    ("How large is Northwind's backlog?", "Northwind's backlog is more than 10 trillion won.", "Northwind's backlog is 12 trillion won."),
    ("How large is Northwind's backlog?", "Northwind's backlog is about 10 trillion won.", "Northwind's backlog is 10.4 trillion won."),
    ("How large is Samsung's foundry backlog?", "Industry sources indicate that Samsung's foundry long-term backlog orders are expected to approach 50 trillion Korean won, with Meta advancing collaboration with Samsung to design and produce next-generation AI ASICs, with related orders potentially exceeding 10 trillion Korean won.", "According to Korean media reports, Samsung Electronics is becoming the core production base, and its long-term backlog of orders is expected to approach 50 trillion won (approximately RMB 221.5 billion)."),
    ("What share of voters backed Hale?", "About half of the voters backed Hale.", "Hale was backed by 52 percent of voters."),
    ("How many units does Meta plan?", "Meta plans hundreds of thousands of units.", "Meta plans 300,000 units."),
    ("How large is the Meridian data center?", "The Meridian data center has 5 GW.", "The Meridian data center has 5,000 MW."),
    ("How long did the design take?", "The design took two years.", "The design took 24 months."),
    ("How many people were hurt in Kandor?", "Between 10 and 15 people were hurt in Kandor.", "In Kandor, 12 people were hurt."),
    ("How much did Orbital pay for Lumen?", "Orbital paid $3.2 billion for Lumen.", "Orbital paid $3 billion for Lumen."),
    # other unit, currency, part, change
    ("How much did Orbital pay for Lumen?", "Orbital paid $3.2 billion for Lumen.", "Orbital paid €2.9 billion for Lumen."),
    ("How much is the Northwind order worth?", "The Northwind order is worth 50 trillion won.", "The Northwind order is worth RMB 221.5 billion."),
    ("How many people were killed in Kandor?", "In Kandor 23 people were killed.", "In Kandor 23 people were killed, including 5 children."),
    ("How many people were killed in Kandor?", "In Kandor 23 people were killed.", "In Kandor 40 people were injured."),
    ("What was inflation in May?", "Inflation rose to 3.2 percent in May.", "Inflation rose by 0.4 percent in May."),
    ("How much does Fenwick earn?", "Fenwick made a net profit of $20 million.", "Fenwick made an operating profit of $35 million."),
    ("How much is the tariff?", "The tariff is $3 per barrel.", "The tariff is $120 per tonne."),
    # other entity
    ("How large is the data center?", "Meta aims to build a data center with a total installed capacity of 5 gigawatts (GW) by the end of 2030.", "Anthropic also has long-term plans to build a self-owned AI data center of approximately 1 GW."),
    ("How much will Anthropic invest?", "Anthropic also has long-term plans to build a self-owned AI data center of approximately 1 GW, with an investment scale expected to reach approximately US$50 billion (approximately RMB 339 billion).", "In April of this year, Anthropic announced an expansion of its partnership with Amazon, committing over $100 billion to AWS technology over the next decade, locking in up to 5GW of capacity, and stating that it has already used over 1 million Trainium2 chips to train and serve Claude."),
    ("How many cars did Tesla deliver?", "Tesla delivered 410,000 cars.", "Ford delivered 512,000 cars."),
    ("How many people were killed by the quake?", "In Turkey the quake killed 23 people.", "In Syria the quake killed 40 people."),
    ("How many goals did Lind score?", "Rosa Lind scored 23 goals.", "Ana Costa scored 27 goals."),
    ("Is Anthropic using Samsung's process?", "Meta uses Samsung's 2nm process for its chips.", "Anthropic is evaluating Samsung's 2nm process for its chips."),
    ("Is the chip deployed?", "OpenAI has already deployed the Jalapeño chip.", "Anthropic's chip design has not been confirmed."),
    ("When was the agreement announced?", "OpenAI and Broadcom announced Jalapeño on June 24, 2026.", "Micron announced on June 22, 2026, a strategic agreement with Anthropic."),
    ("How many parameters does Polar-3 have?", "Polar-3 has 70 billion parameters.", "Polar-4 has 120 billion parameters."),
    # other time, ordinal, qualifier
    ("What was Fenwick's revenue?", "Fenwick's revenue was $3 billion in 2024.", "Fenwick's revenue was $4 billion in 2025."),
    ("How many seats did the Greens win?", "The Greens won 23 seats in the first round.", "The Greens won 41 seats in the second round."),
    ("How many medals did Norland win?", "The men of Norland won 4 medals.", "The women of Norland won 9 medals."),
    ("Which generation of MTIA did TSMC make?", "While the first two generations of MTIA were mainly produced by TSMC, the latest generation has shifted to Samsung.", "Meta's third-generation MTIA plans to use Samsung's leading 2-nanometer process."),
    ("How many tourists came to Norland?", "Domestic tourists made 3 million visits to Norland.", "Foreign tourists made 9 million visits to Norland."),
    # dates
    ("When did the takeover close?", "The takeover of Lumen closed in June 2026.", "The takeover of Lumen closed on 12 June 2026."),
    ("When will deployment of Jalapeño begin?", "Deployment of Jalapeño will begin by the end of 2026.", "Deployment of Jalapeño will begin in November 2026."),
    ("When did talks begin?", "Talks began on 3 July, Reuters reported.", "The talks were reported on July 4."),
    ("When was Hale born?", "Hale was born in the 1960s.", "Hale was born in 1964."),
    ("When did Hale meet Orsini?", "Hale met Orsini on 3 July 2026.", "Hale spoke of the economy on 5 July 2026."),
    # certainty on one level, of another relation, or undecidable
    ("Is Anthropic using Samsung's 2nm process?", "Anthropic is also evaluating the use of Samsung's 2nm process to develop AI chips.", "Anthropic is considering utilizing the 2-nanometer (nm) manufacturing process of Samsung Electronics' foundry division."),
    ("Is Anthropic considering Samsung's 2nm process?", "Anthropic is considering Samsung's 2nm process.", "Anthropic is evaluating Samsung's 2nm process."),
    ("Will Norland sign the treaty?", "Norland will sign the treaty.", "Norland plans to sign the treaty."),
    ("Has Samsung commented on the order?", "Samsung Electronics declined to comment on the order.", "Samsung has won the order."),
    ("Has Orbital bought Lumen?", "Orbital has bought a factory from Lumen's owner.", "Orbital may raise prices next year."),
    ("Has Norland signed the treaty?", "Norland has signed the treaty.", "Has Norland perhaps signed the treaty?"),
    ("Who makes the chip?", "The 2nm process is currently the most advanced chip manufacturing technology in the industry.", "Anthropic is considering utilizing the 2-nanometer manufacturing process of Samsung."),
    # written after the rules, and taken for disagreements by their first form
    ("How many people attended the rally in Porto Novo?","About 30,000 people attended the rally in Porto Novo.","Police counted 31,200 people at the rally in Porto Novo."),
    ("What is the price of the Halo 3 headset?","The Halo 3 headset costs $499.","The Halo 2 headset costs $299."),
    ("How fast was the winner?","Amara Diallo won the final in 10.82 seconds.","Ines Roth won the semi-final in 10.91 seconds."),
    ("When did the volcano erupt?","The volcano on Isla Roja erupted on 14 March 2026.","The volcano on Monte Gris erupted on 16 March 2026."),
    ("How many households lost power?","Storm Gerda cut power to 120,000 households in Jutland.","Storm Gerda cut power to 45,000 households in Skåne."),
    ("How many cases were reported in May?","In May 1,200 cases were reported.","In April 800 cases were reported."),
    ("How much did Delcor earn?","Delcor earned $2.1 billion in the first quarter.","Delcor earned $2.6 billion in the second quarter."),
    ("Is Kestrel closing its Dresden plant?","Kestrel is closing its plant in Dresden.","Falk is considering closing its Dresden plant."),
    ("How much will the stadium cost?","The stadium in Leiden will cost 90 million euros.","The roof of the stadium alone cost 12 million euros."),
    ("How old is Senator Boyle?","Senator Boyle, a 64-year-old lawyer, leads the party.","Senator Boyle has led the party for 12 years."),
    ("How many soldiers does Estova have?","Estova has 25,000 soldiers.","Estova sent 3,000 soldiers to the north."),
    ("When will the tunnel open?","The Trento tunnel will open in May 2028.","The Trento tunnel was approved in March 2021."),
    ("How many seats does the theatre have?","The theatre has 1,200 seats.","Tickets for 900 of its seats are sold, the theatre said."),
    ("Has Corvo Air ordered the jets?","Corvo Air has ordered 40 jets.","Corvo Air expects to receive the first of the jets in 2028."),
    ("How many passengers were on board the ferry?","The Sirius ferry carried 312 passengers.","The Sirius ferry can carry up to 800 passengers."),
    ("How much did Veltro raise?","Veltro raised $120 million in its Series B round.","Veltro raised $45 million in its Series A round."),
    ("What is the unemployment rate in Sarland?","Unemployment in Sarland stands at 6.1 percent.","Youth unemployment in Sarland stands at 14 percent."),
    ("How many votes did Ana Keller receive?","Ana Keller received 51,200 votes.","Ana Keller needed 60,000 votes to win."),
    ("How many people live in Sarland?","Sarland has about 2.1 million people.","Some 400,000 people in Sarland live in poverty."),
    ("Is Brightwell buying Oakline?","Brightwell is buying Oakline.","Brightwell could sell two of its own brands."),
    ("How many beds does the hospital have?","The Sarland hospital has 420 beds.","The Sarland hospital added 40 beds last year."),
    ("How heavy is the rover?","The Atlas rover weighs 185 kg.","The Atlas rover carries 40 kg of instruments."),
    ("When will Vesta launch?","Vesta will launch in October 2026.","Vesta will reach the asteroid in March 2029."),
    ("How long is the railway?","The railway is 84 km long.","Of the railway, 30 km run through tunnels."),
    ("How many goals did Costa score?","Costa scored twice in the first half and ended with 3 goals.","Costa has scored 3 goals in the match and 19 goals this season."),
    ("How much does the drug cost?","The drug costs $300 a month.","The drug costs $3,600 a year."),
    ("How many employees does Fenwick have?","Fenwick has 12,000 employees worldwide.","Fenwick has 3,000 employees in Germany."),
    ("How much did sales grow?","Sales grew 12 percent to $3 billion.","Sales grew by 12%, helped by a 30 percent rise in Asia."),
    ("Has the agency approved the drug?","The agency has approved the drug for adults.","The agency is considering approving the drug for children."),
    ("How many trees were felled?","In Holm forest 600 trees were felled.","In Holm forest 600 oaks and 200 beeches stand, and 1,000 trees were planted."),
    ("How much is Erik Voss paid?","Erik Voss is paid $4.5 million a year.","Erik Voss paid $2 million for his house."),
    ("When did the strike begin?","The strike at Delta Port began on 2 May 2026.","The strike at Delta Port ended on 20 May 2026."),
    ("How many countries signed the accord?","The accord was signed by 31 countries.","The accord was ratified by 12 countries."),
    ("Is Nordbank merging with Aria?","Nordbank is merging with Aria.","Nordbank is considering new branches in Aria City."),
    ("What is the capacity of the Rhea battery?","The Rhea battery has a capacity of 90 kWh.","The Rhea battery weighs 450 kg and charges at 150 kW."),
    ("Has Maya Chen retired?","Maya Chen has retired.","Maya Chen's coach may retire."),
    ("What was the magnitude?","The Ketal earthquake had a magnitude of 6.4.","An aftershock had a magnitude of 5.1."),
    ("How many children are in the school?","The Dune school has 240 children.","Of the 240 children at Dune school, 60 come from abroad."),
    ("When will Lira Bank publish its results?","Lira Bank will publish its results on 5 August 2026.","Lira Bank published its annual results on 3 March 2026."),
    ("How much oil does Sarland pump?","Sarland pumps 2 million barrels a day.","Sarland pumped 730 million barrels in 2025."),
    ("How many shops does Krone run?","Krone runs 1,140 shops.","Krone runs about 1,100 shops."),
    ("How many shops does Krone run?","Krone runs 1,140 shops.","Krone plans to open 50 shops."),
    ("How many died?","The fire killed 12 people on Monday.","A second fire killed 3 people on Tuesday."),
]  # fmt: skip


@pytest.mark.parametrize(("question", "one", "other", "kind"), DISAGREE)
def test_a_disagreement_is_found_and_named(question: str, one: str, other: str, kind: str) -> None:
    found = conflicts(question, one, other)
    assert [conflict.kind for conflict in found] == [kind]
    assert {statement.sentence for statement in found[0].statements} == {one, other}
    assert 0 < found[0].score <= 1


@pytest.mark.parametrize(("question", "one", "other"), AGREE)
def test_statements_that_only_look_like_a_disagreement_are_left_alone(
    question: str, one: str, other: str
) -> None:
    assert conflicts(question, one, other) == ()


@pytest.mark.xfail(reason="a known limit of the typed rules", strict=True)
@pytest.mark.parametrize(("question", "one", "other"), MISSED)
def test_a_disagreement_without_a_shared_verb_is_found(question: str, one: str, other: str) -> None:
    assert conflicts(question, one, other) != ()


@pytest.mark.xfail(reason="a known limit of the typed rules", strict=True)
@pytest.mark.parametrize(("question", "one", "other"), FALSE_ALARMS)
def test_a_verb_in_another_sense_is_no_disagreement(question: str, one: str, other: str) -> None:
    assert conflicts(question, one, other) == ()


def test_the_explanation_is_made_from_the_two_values() -> None:
    money = conflicts(DISAGREE[0][0], *DISAGREE[0][1:3])
    assert money[0].explanation == "10 trillion won against 12 trillion won"
    day = conflicts(
        "When did the takeover close?",
        "The takeover of Lumen closed on 3 July 2026.",
        "The takeover of Lumen closed in June 2026.",
    )
    assert day[0].explanation == "3 July 2026 against June 2026"
    sure = conflicts(
        "Is Orbital using the Vela process?",
        "Orbital is also using the Vela process.",
        "Orbital is considering the use of the Vela process.",
    )
    assert sure[0].explanation == "“is using” against “is considering”"


def test_formatting_of_the_source_does_not_hide_a_value() -> None:
    found = conflicts(
        "How large is Northwind's backlog?",
        "Northwind’s backlog is **𝟭𝟬 trillion** won.",
        "Northwind's backlog is 12\u00a0trillion won.",
    )
    assert [conflict.explanation for conflict in found] == ["10 trillion won against 12 trillion won"]


def test_pairs_with_the_same_two_values_become_one_conflict_with_every_statement() -> None:
    found = conflicts(
        "How many people were killed in Kandor?",
        "In Kandor 23 people were killed.",
        "Police said that 23 people were killed in Kandor.",
        "In Kandor 40 people were killed.",
    )
    assert len(found) == 1
    assert [statement.article_id for statement in found[0].statements] == ["article0", "article1", "article2"]


def test_three_values_are_three_conflicts() -> None:
    found = conflicts(
        "How many people were killed in Kandor?",
        "In Kandor 23 people were killed.",
        "In Kandor 40 people were killed.",
        "In Kandor 71 people were killed.",
    )
    assert {conflict.explanation for conflict in found} == {
        "23 people against 40 people",
        "23 people against 71 people",
        "40 people against 71 people",
    }


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("2026-07-03", "2026-07-05", True),
        ("2026-07-05", "2026-07-03", True),
        ("2026-07-03", "2026-07-03", False),
        ("2026-07", "2026-07-03", False),
        (None, "2026-07-03", False),
    ],
)
def test_another_value_in_a_later_article_is_a_possible_update(
    first: str | None, second: str | None, expected: bool
) -> None:
    one = cite("In Kandor 23 people were killed.", "a", published=first)
    other = cite("In Kandor 40 people were killed.", "b", published=second)
    found, _ = find_conflicts("How many people were killed in Kandor?", [one, other], {})
    assert [conflict.possible_update for conflict in found] == [expected]


def test_a_relative_date_is_compared_only_when_the_article_is_dated() -> None:
    question = "When did Orbital buy Lumen?"
    sentences = ("Orbital bought Lumen last year.", "Orbital bought Lumen in 2019.")
    assert [c.kind for c in conflicts(question, *sentences, published="2026-07-03")] == ["date"]
    assert conflicts(question, *sentences, published=None) == ()


def test_an_article_that_contradicts_itself_is_shown_and_marked() -> None:
    question = "How many people were killed in Kandor?"
    first = cite("In Kandor 23 people were killed.", "a")
    second = _further("In Kandor 40 people were killed, the ministry said.", "a")
    (found,), check = find_conflicts(question, [first, second], {})
    assert (found.kind, found.explanation, found.within_article) == (
        "number",
        "23 people against 40 people",
        True,
    )
    assert (check.status, check.sources, check.pairs) == ("checked", 1, 1)
    across = find_conflicts(question, [first, replace(second, article_id="b")], {})[0]
    assert [conflict.within_article for conflict in across] == [False]


@pytest.mark.parametrize(
    "second",
    [
        "Later the toll in Kandor rose to 40 people killed.",  # what was true became another
        "In the port alone 12 people were killed.",  # a part
        "In Kandor 40 people were injured.",
    ],
)
def test_an_article_that_goes_on_does_not_contradict_itself(second: str) -> None:
    statements = [cite("In Kandor 23 people were killed.", "a"), _further(second, "a")]
    found, check = find_conflicts("How many people were killed in Kandor?", statements, {})
    assert found == ()
    assert (check.status, check.reason, check.sources) == ("not_checked", "only one source answers", 1)


def _further(sentence: str, article: str) -> Citation:
    """A citation of a whole sentence further on in its article."""
    end = 500 + len(sentence)
    return replace(cite(sentence, article), start=500, end=end, sentence_start=500, sentence_end=end)


def test_without_statements_nothing_is_checked() -> None:
    found, check = find_conflicts("How many people were killed in Kandor?", [], {})
    assert (found, check.status, check.reason) == ((), "not_checked", "no source answers")


def test_the_check_counts_statements_sources_and_pairs() -> None:
    texts = ["It rained in Kandor.", "In Kandor the sun shone.", "Kandor slept.", "Snow fell in Kandor."]
    statements = [cite(text, article) for text, article in zip(texts, "aabc", strict=True)]
    statements[1] = replace(statements[1], sentence_start=100, sentence_end=124)
    _, check = find_conflicts("How was the weather in Kandor?", statements, {})
    assert check == ConflictCheck("checked", statements=4, sources=3, pairs=6, reason="")


def test_a_cap_on_pairs_compares_the_likeliest_answers_and_says_so() -> None:
    statements = [
        cite(f"In Kandor {10 + 10 * n} people were killed.", f"article{n}", score=1 - n / 10)
        for n in range(5)
    ]
    found, check = find_conflicts("How many people were killed in Kandor?", statements, {}, max_pairs=1)
    assert [conflict.explanation for conflict in found] == ["10 people against 20 people"]
    assert (check.status, check.pairs) == ("checked", 1)
    assert check.reason == "1 of 10 pairs were compared, those of the likeliest answers"


def test_a_likelier_pair_of_answers_scores_higher() -> None:
    question, one, other, _ = DISAGREE[0]
    low, high = (
        find_conflicts(question, [cite(one, "a", score=score), cite(other, "b", score=score)], {})[0][0].score
        for score in (0.6, 0.9)
    )
    assert low < high


def test_the_order_of_statements_changes_nothing() -> None:
    question = "How many people were killed in Kandor?"
    statements = [
        cite(f"In Kandor {count} people were killed.", f"article{index}", score=0.5 + index / 10)
        for index, count in enumerate((23, 40, 23, 71))
    ]
    expected = find_conflicts(question, statements, {})
    assert len(expected[0]) == 3
    for order in itertools.permutations(statements):
        assert find_conflicts(question, order, {}) == expected


@given(st.lists(st.text(max_size=80), max_size=5), st.text(max_size=40), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_without_an_error_and_in_any_order_alike(
    sentences: list[str], question: str, shuffle: random.Random
) -> None:
    statements = [cite(text, f"article{index}") for index, text in enumerate(sentences)]
    expected = find_conflicts(question, statements, {})
    shuffle.shuffle(statements)
    assert find_conflicts(question, statements, {}) == expected


_PIECES = "Samsung 10 trillion won 2nm 3-1 $5 half of the by end of 2026 on July 2 has not been confirmed , and ( ) % 1.5 m".split()


@given(st.lists(st.sampled_from(_PIECES), max_size=25), st.lists(st.sampled_from(_PIECES), max_size=25))
@settings(max_examples=60, deadline=None)
def test_any_mix_of_numbers_and_cues_is_read_without_an_error(one: list[str], other: list[str]) -> None:
    for question in ("How much is it?", "When is it?", "Has Samsung confirmed it?"):
        for conflict in conflicts(question, " ".join(one), " ".join(other)):
            assert len(conflict.statements) == 2
            assert 0 <= conflict.score <= 1
