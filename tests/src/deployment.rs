//! The templates, deployed as a scenario's settings and world say.

use std::{collections::BTreeMap, fs, sync::OnceLock};

use keycensus_sim::{
    Policies,
    cloudformation::{Role, Stack, StackInput, Template},
    world::Account,
};
use serde_json::Value;

use crate::{Scenario, here};

/// The templates of a deployment.
#[derive(Debug, Clone)]
pub struct Templates {
    /// The scanner, `template.yaml`.
    pub scanner: Template,
    /// The role in member accounts, `member-role.yaml`.
    pub member: Template,
}

impl Templates {
    /// Those of this repository.
    ///
    /// # Panics
    /// One of them cannot be read.
    #[must_use]
    pub fn here() -> &'static Self {
        static HERE: OnceLock<Templates> = OnceLock::new();
        HERE.get_or_init(|| Self {
            scanner: read("template.yaml"),
            member: read("member-role.yaml"),
        })
    }

    /// The function's properties in the scanner's template.
    ///
    /// # Panics
    /// There is not exactly one function.
    #[must_use]
    pub fn function(&self) -> &Value {
        let resources = self.scanner.tree["Resources"].as_object();
        let mut functions = resources
            .into_iter()
            .flat_map(|all| all.values())
            .filter(|one| one["Type"] == "AWS::Serverless::Function");
        match (functions.next(), functions.next()) {
            (Some(one), None) => &one["Properties"],
            _ => panic!("template.yaml has not exactly one function"),
        }
    }

    /// The logical name of the role that the function runs with.
    ///
    /// # Panics
    /// It does not name one of the template's.
    #[must_use]
    pub fn role_of_function(&self) -> &str {
        let role = self.function()["Role"]["Fn::GetAtt"][0].as_str();
        role.unwrap_or_else(|| panic!("the function's role is none of template.yaml"))
    }

    /// What each variable of the function's environment refers to, where it is one thing: a parameter or resource.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let variables = self.function()["Environment"]["Variables"].as_object();
        let variables = variables.into_iter().flatten();
        variables.filter_map(|(variable, value)| {
            // One that may be absent is `!If [condition, !Ref name, !Ref AWS::NoValue]`, and one that
            // switches add to begins with what it refers to: `!Sub ['${name}${more}', …]`.
            let value = value["Fn::If"].get(1).unwrap_or(value);
            let begins_with = value["Fn::Sub"][0].as_str();
            let begins_with = begins_with.and_then(|text| text.strip_prefix("${")?.split_once('}'));
            let name = begins_with.map(|(name, _)| name);
            Some((variable.as_str(), name.or(value["Ref"].as_str())?))
        })
    }
}

/// The kinds that a parameter of their own switches on, beside `Kinds`.
const SWITCHED_KINDS: [(&str, &str); 2] = [
    ("secrets", "Secrets"),
    ("service_credentials", "ServiceCredentials"),
];

/// Gives a parameter its value. What other parameters switch on is taken from the list of kinds and
/// given to those.
pub(crate) fn give(parameters: &mut BTreeMap<String, String>, name: &str, value: &str) {
    let mut value = value.to_owned();
    if name == "Kinds" {
        let mut kinds: Vec<&str> = value.split(',').collect();
        for (kind, switch) in SWITCHED_KINDS {
            let is_on = kinds.contains(&kind);
            kinds.retain(|one| *one != kind);
            let word = if is_on { "on" } else { "off" };
            parameters.insert(switch.to_owned(), word.to_owned());
        }
        value = kinds.join(",");
        // A stack cannot read what is switched on alone: nor need a census use all that it may.
        if value.is_empty() {
            return;
        }
    }
    parameters.insert(name.to_owned(), value);
}

fn read(file: &str) -> Template {
    let path = here(&format!("../{file}"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Template::parse(&text).unwrap_or_else(|e| panic!("{file}: {e}"))
}

impl Scenario {
    /// The scanner's stack: a parameter is what the environment says that refers to it, and so is a resource's name.
    ///
    /// # Panics
    /// The template cannot be deployed.
    #[must_use]
    pub fn stack(&self) -> Stack {
        let mut input = StackInput {
            name: "keycensus".to_owned(),
            account: self.aws.world().scanner.account.clone(),
            region: self.region.clone(),
            ..StackInput::default()
        };
        let declared = &self.templates.scanner.tree["Parameters"];
        for (variable, refers_to) in self.templates.variables() {
            let given = self.environment.iter().find(|(name, _)| name == variable);
            if let Some((_, value)) = given {
                match declared.get(refers_to) {
                    Some(_) => give(&mut input.parameters, refers_to, value),
                    None => drop(input.names.insert(refers_to.to_owned(), value.clone())),
                }
            }
        }
        input.parameters.extend(self.given(&self.templates.scanner));
        let role = self.templates.role_of_function().to_owned();
        input
            .names
            .insert(role, self.aws.world().scanner.role.clone());
        Stack::new(&self.templates.scanner, input).unwrap_or_else(|e| panic!("template.yaml: {e}"))
    }

    /// The given parameters that a template has.
    fn given(&self, template: &Template) -> impl Iterator<Item = (String, String)> {
        let declared = &template.tree["Parameters"];
        let given = self.parameters.iter();
        given
            .filter(|(name, _)| declared.get(name).is_some())
            .cloned()
    }

    /// What callers may do, by the templates with this scenario's settings as parameters.
    ///
    /// # Panics
    /// The templates cannot be deployed.
    #[must_use]
    pub fn policies(&self) -> Policies {
        let stack = self.stack();
        let mut roles = stack
            .roles()
            .unwrap_or_else(|e| panic!("template.yaml: {e}"));
        let scanner = roles.remove(self.templates.role_of_function());
        let scanner =
            scanner.unwrap_or_else(|| panic!("template.yaml has no role of the function"));
        let on_resources = stack.resource_policies();
        let on_resources = on_resources.unwrap_or_else(|e| panic!("template.yaml: {e}"));
        let members = self.aws.world().accounts.iter();
        let members = members.filter(|account| !account.role.is_empty());
        let members = members.map(|account| {
            let role = self.member_role(account, &stack, &scanner.arn);
            (account.id.clone(), role)
        });
        let on_resources = on_resources.into_iter();
        Policies {
            members: members.collect(),
            on_resources: on_resources.map(|(arn, one)| (arn, one.policy)).collect(),
            scanner,
        }
    }

    /// The role in an account, deployed as the world says: with this name and external ID, trusting this scanner or
    /// another role.
    fn member_role(&self, account: &Account, stack: &Stack, scanner_arn: &str) -> Role {
        let trusted = account.trusts.as_deref().unwrap_or_default();
        let trusted = match trusted.first() {
            _ if trusted.contains(&self.aws.world().scanner.account) => scanner_arn.to_owned(),
            Some(other) => format!("arn:aws:iam::{other}:role/another"),
            None => "arn:aws:iam::000000000000:role/none".to_owned(),
        };
        let role = account.role.trim_start_matches('/');
        let (path, name) = role.rsplit_once('/').unwrap_or(("", role));
        let path = match path {
            "" => "/".to_owned(),
            path => format!("/{path}/"),
        };
        let external_id = account.external_id.clone().unwrap_or_default();
        let of_account = [
            ("ScannerRoleArn", trusted),
            ("ExternalId", external_id),
            ("OrganizationId", self.aws.world().organization.id.clone()),
            ("RoleName", name.to_owned()),
            ("RolePath", path),
        ];
        // The others are the scanner's own.
        let declared = self.templates.member.tree["Parameters"].as_object();
        let mut parameters: BTreeMap<String, String> = declared
            .into_iter()
            .flat_map(|all| all.keys())
            .filter_map(|name| Some((name.clone(), stack.parameter(name)?.to_owned())))
            .collect();
        parameters.extend(of_account.map(|(name, value)| (name.to_owned(), value)));
        parameters.extend(self.given(&self.templates.member));
        let input = StackInput {
            name: "keycensus-reader".to_owned(),
            account: account.id.clone(),
            region: self.region.clone(),
            parameters,
            ..StackInput::default()
        };
        let role = Stack::new(&self.templates.member, input).and_then(|stack| stack.roles());
        let role = role.map(|mut roles| roles.pop_first());
        match role {
            Ok(Some((_, role))) => role,
            Ok(None) => panic!("member-role.yaml has no role"),
            Err(error) => panic!("member-role.yaml: {error}"),
        }
    }
}
